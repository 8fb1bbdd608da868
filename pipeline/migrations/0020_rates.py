"""The database asks by whom a rate is published: sql/rates.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "rates.sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0019_withdrawn_moves")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
