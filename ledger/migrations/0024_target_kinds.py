"""Objectives and targets in the vocabulary: none of them speaks for a requirement."""

from django.db import migrations

KINDS = ("objective.set", "objective.withdrawn", "target.set", "target.withdrawn", "target.linked", "target.unlinked")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', %s) ON CONFLICT DO NOTHING",
            [(kind, kind.split(".")[0]) for kind in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0023_kinds_of_snapshots")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
