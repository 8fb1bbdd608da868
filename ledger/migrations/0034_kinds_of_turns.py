"""The words for turns at a submission, and what undoing a decision makes of a standing; see sql/undoing.sql."""

from pathlib import Path

from django.db import migrations

from ledger.rules.kinds import KINDS

SQL = Path(__file__).parent / "sql" / "undoing.sql"
NAMES = [f"milestone.{word}" for word in ("asked", "answered", "unasked", "handed_over", "undone")]


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, mark, stream) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(name, KINDS[name].effect, KINDS[name].status, KINDS[name].mark, KINDS[name].stream) for name in NAMES],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0033_kinds_of_policy_moves")]
    operations = [
        migrations.RunPython(write_kinds, migrations.RunPython.noop),
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
    ]
