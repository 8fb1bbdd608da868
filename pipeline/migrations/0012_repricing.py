"""Open deals are repriced: the functions of sql/deal_floor.sql once more, and an index that finds them by currency."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "deal_floor.sql"
INDEX = """
CREATE INDEX pipeline_dealstate_by_currency ON pipeline_dealstate (currency, deal_id) WHERE place LIKE 'pipeline/%'
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0011_stages"), ("ledger", "0028_kind_of_repricing")]
    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(INDEX, "DROP INDEX pipeline_dealstate_by_currency"),
    ]
