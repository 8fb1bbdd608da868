"""The door of the record and its postings, with fewer statements for an entry; see sql/entry_in_few_statements.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "entry_in_few_statements.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0028_kind_of_repricing")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
