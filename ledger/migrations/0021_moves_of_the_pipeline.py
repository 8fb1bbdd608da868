"""Finds what moved the open pipeline between two moments, without reading the postings themselves.

An advance moves value from stage to stage, which no bridge sees: it is left out, and so most postings are. The misses
are few, and tell why a close slipped.
"""

from django.db import migrations

INDEXES = """
CREATE INDEX ledger_posting_moves_the_pipeline ON ledger_posting (recorded_at)
    INCLUDE (deal_id, entry_id, period, unit, amount, cause)
    WHERE book = 'bookings' AND place LIKE 'pipeline/%' AND cause <> 'advance';
CREATE INDEX ledger_entry_of_a_miss ON ledger_entry (recorded_at) INCLUDE (stream, id) WHERE kind = 'milestone.missed';
"""
BACK = "DROP INDEX ledger_posting_moves_the_pipeline; DROP INDEX ledger_entry_of_a_miss"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0020_periods")]
    operations = [migrations.RunSQL(INDEXES, BACK)]
