"""What finance states of a deal, in the vocabulary."""

from django.db import migrations

KINDS = ("invoice.issued", "invoice.credited", "collection.received")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'deal') ON CONFLICT DO NOTHING",
            [(name,) for name in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0025_kinds_of_handshakes")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
