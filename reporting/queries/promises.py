"""The promise ledger: promised, feasible and delivered day of every booked deal, side by side, at any moment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from ledger.rules.envelope import parse
from pipeline.queries import policies
from pipeline.queries.organisation import Company
from pipeline.rules.schedule import feasible
from reporting.rules import promises as rules
from reporting.rules import revenue_entries as said
from reporting.rules.promises import Promise

_ROWS = """
SELECT r.deal_id, d.title, s.unit, s.value_minor, s.policy_version, agreed.envelope, newest.envelope, r.entry_id,
    (SELECT jsonb_object_agg(st.key, CASE WHEN st.effect = 'met' THEN (st.at AT TIME ZONE %(zone)s)::date END)
        FROM ledger_standing st WHERE st.stream = r.stream AND st.requirement IN ('milestone', 'handshake'))
FROM reporting_revenue r JOIN pipeline_dealstate s ON s.deal_id = r.deal_id JOIN pipeline_deal d ON d.id = r.deal_id
JOIN ledger_entry agreed ON agreed.id = r.agreed_id JOIN ledger_entry newest ON newest.id = r.entry_id
WHERE r.state = 'scheduled' AND r.deal_id < coalesce(%(before)s, 9223372036854775807)
  AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s))
ORDER BY r.deal_id DESC LIMIT %(limit)s
"""


def listing(company: Company, units: Sequence[str] | None, *, before: int | None, limit: int) -> list[Promise]:
    """Newest deal first, at most `limit` of them in one query; `before` is the last deal seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {
                "zone": company.timezone, "before": before, "limit": limit,
                "units": None if units is None else list(units),
            },
        )  # fmt: skip
        return [_promise(*row) for row in cursor.fetchall()]


def _promise(
    deal: int, title: str, unit: str, value: int | None, version: int, agreed: Any, newest: Any, entry: int, met: Any
) -> Promise:
    told = (json.loads(met) if isinstance(met, str) else met) or {}
    milestones = policies.version(version).milestones
    blocking = {key: _day(day) for key, day in told.items() if key in milestones and milestones[key].blocks}
    plan = said.plan_of(parse(bytes(agreed))["body"], parse(bytes(newest))["body"])
    return Promise(
        deal, title, unit, value or 0, plan.terms.start, feasible(plan.terms, plan.causes), rules.delivered(blocking),
        any(cause.estimate for cause in plan.causes), entry,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
