"""The clock opens an alert of capacity again. Written by hand; see sql/promises_of_capacity.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "promises_of_capacity.sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0020_waiting")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
