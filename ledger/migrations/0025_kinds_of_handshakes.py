"""The words for handshakes. A kind of a later version of the table is written by its own migration."""

from django.db import migrations

from ledger.rules.kinds import KINDS

NAMES = [f"handshake.{word}" for word in ("planned", "offered", "accepted", "refused", "withdrawn", "voided")]


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, mark, stream) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(name, KINDS[name].effect, KINDS[name].status, KINDS[name].mark, KINDS[name].stream) for name in NAMES],
        )
        cursor.execute(
            "CREATE INDEX ledger_standing_by_handshake ON ledger_standing (function, status, due_at)"
            " WHERE requirement = 'handshake'"
        )


def drop_index(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute("DROP INDEX ledger_standing_by_handshake")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0024_target_kinds")]
    operations = [migrations.RunPython(write_kinds, drop_index)]
