"""How the inputs of a policy are answered, and what its gates cost in waiting: measured on the deals and decisions of
the last months, never more than a fixed number of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from pipeline.queries import deals, seats
from pipeline.rules import quality
from pipeline.rules.deal import CORE_FACTS, DealView
from pipeline.rules.policy import HISTORY, Policy
from pipeline.rules.policy_cost import Block
from pipeline.rules.policy_lint import UNUSED_DAYS, Usage, gating_inputs
from pipeline.rules.terms import plain

SECONDS_AN_INPUT = 40  # of a person's work: assumed of an input until enough answers were seen
MOST_DEALS = 1_000
MOST_DECISIONS = 20_000
FEWEST = 20  # answers under which a share says nothing
WINDOW = timedelta(days=UNUSED_DAYS)
_NEWEST = "SELECT deal_id FROM pipeline_dealstate WHERE stage <> %s ORDER BY deal_id DESC LIMIT %s"
# Requirement keys that a decision has looked at, and the moment of the first decision there is.
_JUDGED = """
WITH recent AS (
    SELECT convert_from(envelope, 'UTF8')::jsonb #> '{body,decision,results}' AS results FROM ledger_entry
    WHERE kind IN ('deal.advanced', 'gate.refused', 'booking.recorded') AND id >= ledger_first_after(%s)
    ORDER BY id DESC LIMIT %s
)
SELECT DISTINCT pair ->> 0 FROM recent, jsonb_array_elements(results) AS pair
"""
_SECONDS = """
SELECT input, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM pipeline_inputtime
WHERE input = ANY (%s) GROUP BY input HAVING count(*) >= %s
"""
_PUBLISHED = "SELECT min(published_at) FROM pipeline_policyversion"
# Per stage: deals that asked for it, deals that were refused, and the median of the wait from the first refusal on.
_BLOCKS = """
WITH asked AS (
    SELECT stream, kind, recorded_at, convert_from(envelope, 'UTF8')::jsonb #>> '{body,decision,to}' AS gate
    FROM ledger_entry WHERE kind IN ('deal.advanced', 'gate.refused', 'booking.recorded')
        AND id >= ledger_first_after(%s) ORDER BY id DESC LIMIT %s
), tried AS (
    SELECT gate, stream, min(recorded_at) FILTER (WHERE kind = 'gate.refused') AS refused,
        max(recorded_at) FILTER (WHERE kind <> 'gate.refused') AS passed
    FROM asked WHERE gate IS NOT NULL GROUP BY gate, stream
)
SELECT gate, count(*), count(refused), coalesce(percentile_cont(0.5) WITHIN GROUP (
    ORDER BY extract(epoch FROM coalesce(passed, %s) - refused)) FILTER (WHERE refused IS NOT NULL
        AND (passed IS NULL OR passed > refused)), 0)::bigint
FROM tried GROUP BY gate
"""


def of_inputs(policy: Policy) -> dict[str, Usage]:
    """Input → how it was answered on the newest deals that have it; an input that is new has no usage yet."""
    now = seats.now()
    found: dict[str, Usage] = {}
    views = [deal.view for deal in deals.read(_numbers(_NEWEST, [HISTORY, MOST_DEALS])).values()]
    idle = _idle(policy, now)
    for key, field in policy.inputs.items():
        given = [view.fact(key) for view in views if view.fact(key) not in (None, "")]
        if len(given) < FEWEST:
            if key in idle and _asked_for(views, key):
                found[key] = Usage(unused_days=idle[key])
            continue
        junk = sum(isinstance(value, str) and quality.is_placeholder(value) for value in given if field.type == "text")
        most = Counter(str(plain(value)) for value in given).most_common(1)[0][1]
        found[key] = Usage(Decimal(junk) / len(given), Decimal(most) / len(given), idle.get(key, 0))
    return found


def seconds(policy: Policy) -> dict[str, int]:
    """Input → median of the seconds that forms took for it; none of an input with too few answers."""
    with connection.cursor() as cursor:
        cursor.execute(_SECONDS, [list(policy.inputs), FEWEST])
        return {key: round(median) for key, median in cursor.fetchall()}


def blocks() -> Mapping[str, Block]:
    """Stage → how often a deal is refused at its gate, and how long it then waits; of the last 90 days."""
    now = seats.now()
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKS, [now - WINDOW, MOST_DECISIONS, now])
        return {stage: Block(Decimal(refused) / tried, int(wait)) for stage, tried, refused, wait in cursor.fetchall()}


def _idle(policy: Policy, now: datetime) -> dict[str, int]:
    """Input → days for which no decision, gate or report has used it, where that is as long as policies exist."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED)
        first = cursor.fetchone()[0]
        cursor.execute(_JUDGED, [now - WINDOW, MOST_DECISIONS])
        judged = {row[0] for row in cursor.fetchall()}
    since = (now - first).days if first else 0
    bound = {key for one in policy.milestones.values() for key in one.binds}
    reported = {*CORE_FACTS, "amount", policy.delivery.term_input, *bound}
    asked = set(gating_inputs(policy)) | reported
    return {
        key: min(since, UNUSED_DAYS)
        for key in policy.inputs
        if key not in reported and (key not in asked or key not in judged) and since >= UNUSED_DAYS
    }


def _asked_for(views: list[DealView], key: str) -> bool:
    return any(key in view.inputs for view in views)


def _numbers(sql: str, said: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, said)
        return [row[0] for row in cursor.fetchall()]
