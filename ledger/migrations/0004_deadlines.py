"""Deadlines on the standing of a key. Written by hand; see sql/deadlines.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
# name, effect, status, mark
KINDS = (
    ("milestone.released", "unmet", "released", ""),
    ("milestone.started_late", None, "", "late"),
    ("milestone.missed", None, "", "missed"),
    ("milestone.replanned", None, "", "moved"),
)


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, mark, stream) VALUES (%s, %s, %s, %s, 'deal')"
            " ON CONFLICT (name) DO UPDATE SET mark = excluded.mark",
            KINDS,
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_sealing")]
    operations = [
        migrations.RunSQL((SQL / "deadlines.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunPython(write_kinds, migrations.RunPython.noop),
    ]
