"""The words for touchpoints. A kind of a later version of the table is written by its own migration."""

from django.db import migrations

from ledger.rules.kinds import KINDS

NAMES = ("touchpoint.logged", "touchpoint.settled")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, mark, stream) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(name, KINDS[name].effect, KINDS[name].status, KINDS[name].mark, KINDS[name].stream) for name in NAMES],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0021_moves_of_the_pipeline")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
