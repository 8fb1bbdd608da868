"""Indexes behind the filters of the deals list: words of a title, its beginning, and deals that are held up."""

from django.db import migrations

FORWARD = """
CREATE INDEX pipeline_deal_by_words ON pipeline_deal USING gin (to_tsvector('simple', title));
CREATE INDEX pipeline_deal_by_start_of_title ON pipeline_deal (lower(title) text_pattern_ops);
CREATE INDEX pipeline_account_by_words ON pipeline_account USING gin (to_tsvector('simple', name));
-- Few standings hold a deal up, so this stays small; the list of blocked deals asks nothing else of the record.
CREATE INDEX ledger_standing_that_blocks ON ledger_standing (stream)
    WHERE status IN ('rejected', 'stale', 'expired', 'revoked');
"""
BACK = """
DROP INDEX pipeline_deal_by_words;
DROP INDEX pipeline_deal_by_start_of_title;
DROP INDEX pipeline_account_by_words;
DROP INDEX ledger_standing_that_blocks;
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0002_protected_state"), ("ledger", "0002_record")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
