"""Tells the entries known at a moment apart from those known at another. Written by hand; see sql/known.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "known.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0034_kinds_of_turns")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
