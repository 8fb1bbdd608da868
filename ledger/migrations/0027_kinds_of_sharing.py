"""The words for sharing one's own forecasts, and for every look at somebody else's."""

from django.db import migrations

KINDS = ("sharing.given", "sharing.ended", "sharing.looked", "sharing.noted")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'sharing')"
            " ON CONFLICT DO NOTHING",
            [(kind,) for kind in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0026_kinds_of_billing")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
