"""Totals are rolled in smaller blocks. Written by hand; see sql/smaller_blocks.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "smaller_blocks.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0029_in_few_statements")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
