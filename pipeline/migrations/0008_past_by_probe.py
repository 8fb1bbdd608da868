"""The index behind every read of deals as of a moment. Written by hand; see sql/past_by_probe.sql."""

from pathlib import Path

from django.db import migrations

INDEX = """
CREATE INDEX ledger_entry_as_of ON ledger_entry (stream, recorded_at DESC)
    INCLUDE (stage, amount_minor, currency, owner, seq) WHERE stage IS NOT NULL;
"""
SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0007_holidays"), ("ledger", "0010_past")]
    operations = [
        migrations.RunSQL(INDEX, "DROP INDEX ledger_entry_as_of"),
        migrations.RunSQL((SQL / "past_by_probe.sql").read_text(), migrations.RunSQL.noop),
    ]
