"""A deal in a currency without a rate is unpriced: the functions of sql/deal_floor.sql once more, and an index of them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "deal_floor.sql"
INDEX = """
CREATE INDEX pipeline_dealstate_unpriced ON pipeline_dealstate (unit, deal_id)
    WHERE value_minor IS NULL AND amount_minor IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0013_in_few_statements")]
    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(INDEX, "DROP INDEX pipeline_dealstate_unpriced"),
    ]
