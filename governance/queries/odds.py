"""How often deals of each stage are won: from the newest that were resolved, so that it stays cheap and current."""

from __future__ import annotations

from decimal import Decimal

from governance.rules import demand
from ledger.queries import remembered
from pipeline.queries import policies

SAMPLE = 500
# A lost deal is counted in the stage that it stood in before: the last that its stream states beside `lost`.
_RESOLVED = """
SELECT 'won', '', count(*) FROM (
    SELECT FROM pipeline_stay WHERE stage = %(last)s AND until_at IS NULL ORDER BY deal_id DESC LIMIT %(sample)s) AS w
UNION ALL
SELECT 'lost', before, count(*) FROM (
    SELECT (SELECT e.stage FROM ledger_entry e WHERE e.stream = s.stream AND e.stage <> 'lost'
        ORDER BY e.seq DESC LIMIT 1) AS before
    FROM (SELECT stream FROM pipeline_stay WHERE stage = 'lost' AND until_at IS NULL
        ORDER BY deal_id DESC LIMIT %(sample)s) AS s) AS l
GROUP BY before
"""


def by_stage() -> dict[str, Decimal]:
    """Stage of the policy in force → the chance of a deal that stands there."""
    stages = [stage.key for stage in policies.in_force().stages]
    rows = remembered.rows(_RESOLVED, {"last": stages[-1], "sample": SAMPLE})
    won = next((count for what, _, count in rows if what == "won"), 0)
    lost = {stage: count for what, stage, count in rows if what == "lost" and stage}
    return demand.chances(stages, won, lost)
