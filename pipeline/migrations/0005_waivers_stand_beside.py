"""The floor of the gate reads a waiver beside what it excuses: the functions of sql/deal_trigger.sql once more."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "deal_trigger.sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0004_deals_are_read_with_deadlines")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
