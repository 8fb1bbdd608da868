"""A commit falls when its deal is held; see sql/no_commit_on_hold.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "no_commit_on_hold.sql"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0010_beginnings_together"), ("governance", "0012_holds")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
