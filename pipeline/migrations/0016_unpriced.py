"""A deal in a currency without a rate is unpriced: sql/deal_floor.sql and sql/deals_begin.sql once more; an index."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
INDEX = """
CREATE INDEX pipeline_dealstate_unpriced ON pipeline_dealstate (unit, deal_id)
    WHERE value_minor IS NULL AND amount_minor IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0015_policy_moves")]
    operations = [
        *(
            migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)
            for name in ("deal_floor.sql", "deals_begin.sql")
        ),
        migrations.RunSQL(INDEX, "DROP INDEX pipeline_dealstate_unpriced"),
    ]
