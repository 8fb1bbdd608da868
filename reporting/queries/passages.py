"""What came of deals before: odds by stage, cohorts, cycle times, waits, and what still slipped.

From visits of stages, by their indexes: the newest that were decided, so that it stays cheap and current.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from governance.rules import demand
from ledger.queries import remembered
from pipeline.rules import pushes
from reporting.queries.measuring import Asked
from reporting.rules.forecast.conversion import Cohort, velocity

SAMPLE = 500  # of the newest won, and of the newest lost
_SCOPE = "(%(units)s::text[] IS NULL OR {0}.unit = ANY (%(units)s))"
_WON = f"""
SELECT deal_id, entered_at FROM reporting_passage w WHERE w.stage = %(last)s AND {_SCOPE.format("w")}
ORDER BY w.entered_at DESC LIMIT {SAMPLE}
"""
_ODDS = f"""
SELECT 'won', '', count(*) FROM ({_WON}) AS w
UNION ALL
SELECT 'lost', v.stage, count(*) FROM (
    SELECT l.deal_id, l.entry_id FROM reporting_passage l WHERE l.stage = 'lost' AND {_SCOPE.format("l")}
    ORDER BY l.entered_at DESC LIMIT {SAMPLE}) AS l
JOIN reporting_passage v ON v.deal_id = l.deal_id AND v.left_entry = l.entry_id GROUP BY v.stage
"""
_CYCLE = f"""
SELECT coalesce(avg(s.value_minor), 0)::bigint, coalesce(percentile_disc(0.5) WITHIN GROUP (
        ORDER BY (extract(epoch FROM w.entered_at - s.opened_at) / 86400)::int), 0)
FROM ({_WON}) AS w CROSS JOIN LATERAL (
    SELECT d.value_minor, d.opened_at FROM pipeline_dealstate d WHERE d.deal_id = w.deal_id OFFSET 0) AS s
"""
# Of deals that entered a stage in the period: whether they have gone on from it since, and after how many days, or
# were lost.
_ON = "array_position(%(stages)s::text[], v.to_stage) > array_position(%(stages)s::text[], v.stage)"
ENTERED = f"""
SELECT v.stage, v.deal_id, coalesce(bool_or({_ON}), false) AS advanced,
    coalesce(bool_or(v.to_stage = 'lost'), false) AS lost, max(v.entry_id) AS entry,
    (array_agg(v.unit ORDER BY v.entry_id DESC))[1] AS unit,
    max(extract(epoch FROM v.left_at - v.entered_at)) FILTER (WHERE {_ON}) / 86400 AS days
FROM reporting_passage v WHERE v.stage = ANY (%(open)s::text[]) AND {_SCOPE.format("v")}
  AND v.entered_at >= %(since)s AND v.entered_at < %(until)s GROUP BY 1, 2
"""
_COHORTS = f"""
SELECT stage, count(*), count(*) FILTER (WHERE advanced), count(*) FILTER (WHERE lost AND NOT advanced)
FROM ({ENTERED}) AS entered GROUP BY stage
"""
# The newest that were won, and the newest that were lost from some stages.
DECIDED = f"""
(SELECT w.deal_id, true AS advanced, false AS lost, w.entry_id AS entry, w.unit, NULL::numeric AS days
FROM reporting_passage w WHERE w.stage = %(last)s AND {_SCOPE.format("w")} ORDER BY w.entered_at DESC LIMIT {SAMPLE})
UNION ALL
SELECT l.deal_id, false, true, l.entry_id, l.unit, NULL FROM (
    SELECT l.deal_id, l.entry_id, l.unit FROM reporting_passage l WHERE l.stage = 'lost' AND {_SCOPE.format("l")}
    ORDER BY l.entered_at DESC LIMIT {SAMPLE}) AS l
WHERE EXISTS (SELECT FROM reporting_passage v WHERE v.deal_id = l.deal_id AND v.left_entry = l.entry_id
    AND v.stage = ANY (%(open)s::text[]))
"""
_WAITS = f"""
SELECT v.stage, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM v.left_at - v.entered_at)) / 86400
FROM reporting_passage v WHERE v.stage = ANY (%(open)s::text[]) AND {_SCOPE.format("v")}
  AND v.entered_at >= %(since)s AND v.entered_at < %(until)s
  AND {_ON} GROUP BY 1
"""
_OPEN = f"""
SELECT count(*) FROM reporting_passage v WHERE v.stage = ANY (%(open)s::text[]) AND v.left_at IS NULL
  AND {_SCOPE.format("v")}
"""
# How much later than expected such deals were booked: from the close that they had on entering, or after a push.
_SLIPPED = """
SELECT (w.entered_at AT TIME ZONE %(zone)s)::date - b.close_on FROM (
    SELECT deal_id, entered_at FROM reporting_passage WHERE stage = %(last)s ORDER BY entered_at DESC LIMIT %(sample)s
) AS w, LATERAL (
    SELECT v.close_on, v.stage, 0 AS pushes FROM reporting_passage v WHERE v.deal_id = w.deal_id
    UNION ALL
    SELECT p.now_on, p.stage, row_number() OVER (ORDER BY p.at) FROM reporting_push p
    WHERE p.deal_id = w.deal_id AND p.at < w.entered_at
) AS b WHERE b.close_on IS NOT NULL AND b.stage <> %(last)s
  AND (%(stage)s::text IS NULL OR (b.stage, b.pushes) = (%(stage)s::text, %(pushes)s))
"""


class Step(NamedTuple):
    """One stage of the way: odds of a deal there, the cohort that entered it in the period, and how long it took."""

    stage: str
    name: str
    odds: Decimal
    cohort: Cohort
    median_days: Decimal | None


@dataclass(frozen=True, slots=True)
class Flow:
    """Minor units of the reporting currency; `velocity_minor` a day, None where nothing was won yet."""

    steps: tuple[Step, ...]
    win_rate: Decimal
    average_won_minor: int
    cycle_days: int
    open_deals: int

    def velocity_minor(self) -> int | None:
        return velocity(self.open_deals, self.win_rate, self.average_won_minor, self.cycle_days)


def odds(asked: Asked) -> dict[str, Decimal]:
    """Stage → the chance of a deal that stands there, as known then."""
    return asked.once(_odds)


def _odds(asked: Asked) -> dict[str, Decimal]:
    won, lost = _decided(asked)
    return demand.chances([key for key, _name in asked.once(stages)], won, lost)


def flow(asked: Asked, since: datetime, until: datetime) -> Flow:
    """Cohorts of what entered from `since` to before `until`; the rest from the newest that were decided."""
    names = dict(asked.once(stages))
    known_stages = list(names)
    said = {"stages": known_stages, "open": known_stages[:-1], "since": since, "until": until}
    cohorts = {stage: Cohort(*counts) for stage, *counts in _ask(asked, _COHORTS, **said)}
    waits = dict(_ask(asked, _WAITS, **said))
    ((average, cycle),) = _ask(asked, _CYCLE)
    won, lost = _decided(asked)
    decided, known = won + sum(lost.values()), odds(asked)
    steps = tuple(
        Step(stage, names[stage], known[stage], cohorts.get(stage, Cohort(0, 0, 0)), _days(waits.get(stage)))
        for stage in known_stages[:-1]
    )
    ((count,),) = _ask(asked, _OPEN, **said)
    return Flow(steps, Decimal(won) / decided if decided else Decimal(0), average, int(cycle), count)


def remaining_slip(asked: Asked, stage: str, pushed: int) -> int:
    """The days by which such deals slipped further before they were booked."""
    said = {"zone": asked.company.timezone, "sample": SAMPLE}

    def known(of: str | None) -> list[int]:
        return [days for (days,) in _ask(asked, _SLIPPED, **said, stage=of, pushes=pushed)]

    own = known(stage)
    return pushes.typical_slip(own, own if len(own) >= pushes.ENOUGH else known(None))


def stages(asked: Asked) -> list[tuple[str, str]]:
    """(key, name) of the policy that was in force then; none before the first."""
    policy = asked.policy
    return [(stage.key, stage.name) for stage in policy.stages] if policy else []


def last_stage(asked: Asked) -> str:
    found = asked.once(stages)
    return found[-1][0] if found else ""


def _decided(asked: Asked) -> tuple[int, dict[str, int]]:
    return asked.once(_outcomes)


def _outcomes(asked: Asked) -> tuple[int, dict[str, int]]:
    rows = _ask(asked, _ODDS)
    won = next((count for what, _, count in rows if what == "won"), 0)
    return won, {stage: count for what, stage, count in rows if what == "lost"}


def _days(found: Any) -> Decimal | None:
    return None if found is None else round(Decimal(found), 1)


def _ask(asked: Asked, query: str, **more: Any) -> Sequence[tuple[Any, ...]]:
    said = {"units": None if asked.units is None else list(asked.units), "last": last_stage(asked), **more}
    with asked.reading():
        return remembered.rows(query, said)
