"""Postings are written once a statement, not once an entry; see sql/postings_together.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "postings_together.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0031_kinds_of_breaks")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
