"""The floor of a deal reads postings by the month in which they are true: the functions of sql/deal_floor.sql once more."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "deal_floor.sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0009_holds_block"), ("ledger", "0020_periods")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
