"""The words for locked forecasts and for what managers make of a roll-up."""

from django.db import migrations

KINDS = ("snapshot.locked", "call.made")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'forecast')"
            " ON CONFLICT DO NOTHING",
            [(kind,) for kind in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0022_kinds_of_touchpoints")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
