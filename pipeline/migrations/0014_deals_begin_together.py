"""Deals begin once a statement, not once an entry: sql/deals_begin.sql takes over what the two other files no longer say.

Three references of a deal's state are dropped. What a deal begins under, and every change of it, is looked up by the
triggers that write here; versions and seats are never deleted, and a seat refers to its unit. See ADR 0036.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
_DROP = """
ALTER TABLE pipeline_dealstate DROP CONSTRAINT pipeline_dealstate_policy_version_fkey,
    DROP CONSTRAINT pipeline_dealstate_owner_id_fkey, DROP CONSTRAINT pipeline_dealstate_unit_fkey
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0013_in_few_statements"), ("ledger", "0032_postings_together")]
    operations = [
        *(
            migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)
            for name in ("deal_floor.sql", "deal_trigger.sql", "deals_begin.sql")
        ),
        migrations.RunSQL(_DROP, migrations.RunSQL.noop),
    ]
