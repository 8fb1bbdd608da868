"""The words for pools, expansions and reservations. A kind of a later version of the table is written by its own migration."""

from django.db import migrations

from ledger.rules.kinds import KINDS

NOUNS = ("expansion", "capacity", "reservation")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, mark, stream) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (kind.name, kind.effect, kind.status, kind.mark, kind.stream)
                for kind in KINDS.values()
                if kind.name.split(".")[0] in NOUNS
            ],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0014_revenue")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
