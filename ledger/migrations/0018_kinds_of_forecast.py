"""The words for forecasts: none of them speaks for a requirement."""

from django.db import migrations

KINDS = ("forecast.submitted", "forecast.lowered")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'deal') ON CONFLICT DO NOTHING",
            [(kind,) for kind in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0017_recognised")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
