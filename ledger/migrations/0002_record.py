"""The record: tables, the only door, and its guards. Written by hand; see the files in sql/."""

from pathlib import Path

from django.db import migrations

from ledger.rules.kinds import KINDS

SQL = Path(__file__).parent / "sql"


def read(name):
    return (SQL / name).read_text()


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, %s, %s, %s)",
            [(kind.name, kind.effect, kind.status, kind.stream) for kind in KINDS.values()],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        *(
            migrations.RunSQL(read(name), migrations.RunSQL.noop)
            for name in ("tables.sql", "clock.sql", "guards.sql", "entry_trigger.sql", "lock.sql")
        ),
        migrations.RunPython(write_kinds, migrations.RunPython.noop),
    ]
