"""A deal is read with what the record notes on its deadlines. Written by hand; see sql/read_deadlines.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "read_deadlines.sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0003_lists_find_deals"), ("ledger", "0004_deadlines")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
