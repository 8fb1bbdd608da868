"""The first passages of deals that begin in one statement are written at once; see sql/beginnings.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "beginnings.sql"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0009_reconciliation"), ("pipeline", "0014_deals_begin_together")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
