"""Personal data is erased by an entry. Written by hand; see sql/erasure.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
KINDS = ("erasure.requested", "erasure.done", "erasure.repeated")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'erasure')"
            " ON CONFLICT DO NOTHING",
            [(name,) for name in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_verifications")]
    operations = [
        migrations.RunSQL((SQL / "erasure.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunPython(write_kinds, migrations.RunPython.noop),
    ]
