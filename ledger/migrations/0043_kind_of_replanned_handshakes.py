"""The word for another day of a handshake."""

from django.db import migrations

from ledger.rules.kinds import KINDS

NAME = "handshake.replanned"


def write_kind(apps, editor):
    kind = KINDS[NAME]
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_kind (name, effect, status, mark, stream) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET mark = excluded.mark",
            [NAME, kind.effect, kind.status, kind.mark, kind.stream],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0042_standing_by_stream")]
    operations = [migrations.RunPython(write_kind, migrations.RunPython.noop)]
