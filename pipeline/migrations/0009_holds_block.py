"""The index of what holds a deal up knows holds: their word is `placed`."""

from django.db import migrations

FORWARD = """
DROP INDEX ledger_standing_that_blocks;
CREATE INDEX ledger_standing_that_blocks ON ledger_standing (stream)
    WHERE status IN ('rejected', 'stale', 'expired', 'revoked', 'placed');
"""
BACK = """
DROP INDEX ledger_standing_that_blocks;
CREATE INDEX ledger_standing_that_blocks ON ledger_standing (stream)
    WHERE status IN ('rejected', 'stale', 'expired', 'revoked');
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0008_past_by_probe")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
