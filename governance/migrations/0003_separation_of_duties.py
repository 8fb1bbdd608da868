"""Separation of duties in the database. Written by hand; see sql/separation.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "separation.sql"
APPEND_ONLY = (
    "SELECT ledger_guard('governance_evidence', true); SELECT ledger_guard('governance_evidenceopening', true);"
)


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_initial"), ("pipeline", "0002_protected_state")]
    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
    ]
