"""The database counts breaks when a month is closed: sql/breaks_at_close.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "breaks_at_close.sql"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0011_no_commit_on_hold"), ("governance", "0017_breaks")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
