"""What a forecast comes to by category: booked and the pipeline from the book, what was said of deals beside it.

Every open deal stands in exactly one category. Of those that nobody has called surer, or omitted, the book alone
speaks, so a page reads only the deals that somebody has spoken of. What still expects to close in a month that is
closed is omitted, whatever was said of it: it can come to nothing there (docs/adr/0051).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries import periods, prepared, remembered
from reporting.queries import booked_measures, standing_measures
from reporting.queries.measuring import Asked, month
from reporting.rules.forecast.categories import Calls, calls_of

# A deal at a moment of the past is one probe; at present its row is joined.
_NOW = "JOIN pipeline_dealstate s ON s.deal_id = f.deal_id"
_THEN = """CROSS JOIN LATERAL (SELECT d.stream, d.unit, d.period, d.place, d.value_minor, d.policy_version, d.entry_id
    FROM pipeline_dealstate d WHERE d.deal_id = f.deal_id OFFSET 0) AS s"""
SAID = """
FROM reporting_forecast f {deal}
WHERE f.until_at IS NULL AND f.category <> 'pipeline' AND s.place LIKE 'pipeline/%%' AND s.value_minor IS NOT NULL
  AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s))
  AND s.period >= coalesce(%(since)s, '-infinity'::date) AND s.period < coalesce(%(until)s, 'infinity'::date)
  AND s.period <> ALL (%(closed)s::date[])
"""
_BY_CATEGORY = f"SELECT s.unit, s.period, f.category, sum(s.value_minor)::bigint, count(*) {SAID} GROUP BY 1, 2, 3"
# The next moment at which something that is verified runs out: until then, time alone changes nothing.
_RUNS_OUT = """
SELECT min(valid_until) FROM ledger_standing WHERE effect <> 'unmet' AND valid_until > %s
"""
# By the share of its booking milestones that are verified and valid: a part of a deal supports a part of its value.
SUPPORTED = f"""
WITH needed AS (
    SELECT r.version, array_agg(r.key) AS keys, count(*) AS all FROM pipeline_gaterequirement r
    WHERE r.kind IN ('milestone', 'handshake') AND (r.version, r.stage) IN (
        SELECT DISTINCT ON (version) version, stage FROM pipeline_policystage ORDER BY version, place DESC)
    GROUP BY r.version
), supported AS (
    SELECT said.*, coalesce(said.value_minor * held.verified / needed.all, 0) AS verified FROM (
        SELECT f.deal_id, s.stream, s.unit, s.place, s.period, s.value_minor, s.policy_version, s.entry_id
        {SAID} AND f.category = 'commit'
    ) AS said LEFT JOIN needed ON needed.version = said.policy_version, LATERAL (
        SELECT count(*) AS verified FROM ledger_standing t WHERE t.stream = said.stream AND t.key = ANY (needed.keys)
          AND t.effect = 'met' AND (t.valid_until IS NULL OR t.valid_until > %(as_of)s)
    ) AS held
)
"""
_VERIFIED = f"""{SUPPORTED}
SELECT unit, period, sum(verified)::bigint, count(*) FILTER (WHERE verified <> 0),
    count(*) FILTER (WHERE verified <> value_minor) FROM supported GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """(category, unit, month) → minor units of the reporting currency; `deals` counts those that were spoken of.

    `left`: the closed months in which open deals are left; they are all omitted."""

    cells: dict[tuple[str, str, str], int]
    deals: dict[str, int]
    left: tuple[date, ...] = ()

    @property
    def calls(self) -> Calls:
        sums: dict[str, int] = {}
        for (category, _unit, _month), value in self.cells.items():
            sums[category] = sums.get(category, 0) + value
        return calls_of(sums)


def read(asked: Asked) -> Sums:
    cells: dict[tuple[str, str, str], int] = {}
    for row in asked.once(booked_measures.read).rows:
        cells["booked", row.unit, month(row.period)] = row.value
    closed = {month(first): first for first in asked.once(_closed)}
    left = set()
    for (unit, period), value in _pipeline(asked).items():
        cells["omitted" if period in closed else "pipeline", unit, period] = value
        if period in closed and value:
            left.add(closed[period])
    deals: dict[str, int] = {}
    for unit, period, category, value, count in remember(asked, _BY_CATEGORY):
        key = (category, unit, month(period))
        cells[key] = cells.get(key, 0) + value
        cells["pipeline", unit, month(period)] = cells.get(("pipeline", unit, month(period)), 0) - value
        deals[category] = deals.get(category, 0) + count
    return Sums({key: value for key, value in cells.items() if value}, deals, tuple(sorted(left)))


def calls(asked: Asked) -> Calls:
    return asked.once(read).calls


class Verified(NamedTuple):
    """What verified milestones support of the commits of a unit and month, of how many deals, and of how many not the
    whole."""

    minor: int
    deals: int
    short: int


def verified(asked: Asked) -> dict[tuple[str, str], Verified]:
    """By (unit, month)."""
    return asked.once(_verified)


def _verified(asked: Asked) -> dict[tuple[str, str], Verified]:
    with asked.reading():
        runs_out = prepared.rows(_RUNS_OUT, [asked.as_of])[0][0]
    rows = remember(asked, _VERIFIED, runs_out=runs_out)
    return {(unit, month(period)): Verified(*row) for unit, period, *row in rows}


def _closed(asked: Asked) -> list[date]:
    """Every month that was closed at the moment of the question."""
    with asked.reading():
        return sorted(periods.closed())


def _pipeline(asked: Asked) -> dict[tuple[str, ...], int]:
    """(unit, month) → the value of open deals by the month in which they are expected."""
    sums: dict[tuple[str, ...], int] = {}
    for (_stage, unit, period), value in standing_measures.pipeline_cells(asked).items():
        sums[unit, period] = sums.get((unit, period), 0) + value
    return sums


def remember(asked: Asked, query: str, **more: Any) -> tuple[tuple[Any, ...], ...]:
    """Rows that depend on the entries known alone."""
    with asked.reading():
        return remembered.rows(query.format(deal=_deal(asked)), _scope(asked) | more, until="as_of")


def ask(asked: Asked, query: str, **more: Any) -> list[tuple[Any, ...]]:
    """Rows as they are now; they may hold what can be erased, such as a title."""
    with asked.reading(), connection.cursor() as cursor:
        cursor.execute(query.format(deal=_deal(asked)), _scope(asked) | more)
        return cursor.fetchall()


def _deal(asked: Asked) -> str:
    return _THEN if asked.past else _NOW


def _scope(asked: Asked) -> dict[str, Any]:
    return {
        "units": None if asked.units is None else list(asked.units), "since": asked.since, "until": asked.until,
        "as_of": asked.as_of, "closed": asked.once(_closed),
    }  # fmt: skip
