"""A deal begins by one plain insert: the functions of sql/deal_floor.sql and sql/deal_trigger.sql once more."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0012_repricing"), ("ledger", "0029_in_few_statements")]
    operations = [
        migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)
        for name in ("deal_floor.sql", "deal_trigger.sql")
    ]
