"""Breaks between promise, plan and books, in the vocabulary."""

from django.db import migrations

KINDS = ("break.found", "break.changed", "break.cleared")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'break') ON CONFLICT DO NOTHING",
            [(name,) for name in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0030_smaller_blocks")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
