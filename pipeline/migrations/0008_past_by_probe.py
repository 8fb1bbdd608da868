"""The index behind every read of deals as of a moment. Written by hand; see sql/past_by_probe.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0007_holidays"), ("ledger", "0010_past")]
    operations = [
        migrations.RunSQL((SQL / "past_by_probe.sql").read_text(), "DROP INDEX ledger_entry_as_of"),
    ]
