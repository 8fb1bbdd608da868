"""Expected against agreed revenue by month, as sums over postings, at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries import balances
from pipeline.queries.deals import ref_of
from pipeline.rules.schedule import Cause
from reporting.queries import revenue
from reporting.rules import revenue_entries as said
from reporting.rules import variance as rules
from reporting.rules.periods import Period
from reporting.rules.revenue import BASELINE, BOOK, EXPECTED, RECOGNISED

PLACES = (BASELINE, EXPECTED, RECOGNISED)
_NOW = "('expected', 'recognised')"
# By the month in which it is true: a miss that is found after the close of a month still says what it did to it.
_MONTH = "coalesce(relates_to, period)"
_OF_DEAL = f"""
SELECT {_MONTH}, coalesce(sum(amount) FILTER (WHERE place = 'baseline'), 0)::bigint,
    coalesce(sum(amount) FILTER (WHERE place IN {_NOW}), 0)::bigint
FROM ledger_posting WHERE deal_id = %s AND book = 'revenue' AND recorded_at <= %s
GROUP BY 1 ORDER BY 1
"""
_SCOPE = """
FROM ledger_posting WHERE book = 'revenue' AND place IN ('baseline', 'expected', 'recognised')
  AND (relates_to IS NULL AND period >= coalesce(%(since)s, '-infinity'::date)
        AND period < coalesce(%(until)s, 'infinity'::date)
    OR relates_to >= coalesce(%(since)s, '-infinity'::date) AND relates_to < coalesce(%(until)s, 'infinity'::date))
  AND recorded_at <= %(as_of)s AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s))
"""
# Entries that can take a deal off what was agreed, by an index of their own: a schedule that names what had slipped
# when it was agreed, and what moved later. Days that pass move revenue within a month.
COULD = """
SELECT split_part(e.stream, '/', 2)::bigint FROM public.ledger_entry e WHERE (e.kind = 'variance.recorded'
    OR e.kind = 'revenue.scheduled' AND position('\\x22636175736573223a5b5d'::bytea IN e.envelope) = 0)
"""
_DEALS = f"""
SELECT sums.deal_id, d.title, sums.unit, sums.baseline, sums.expected FROM (
    SELECT deal_id, min(unit) AS unit, coalesce(sum(amount) FILTER (WHERE place = 'baseline'), 0)::bigint AS baseline,
        coalesce(sum(amount) FILTER (WHERE place <> 'baseline'), 0)::bigint AS expected
    {_SCOPE} AND deal_id IN ({COULD}) GROUP BY deal_id
    HAVING sum(amount) FILTER (WHERE place <> 'baseline') IS DISTINCT FROM sum(amount) FILTER (WHERE place = 'baseline')
    ORDER BY abs(coalesce(sum(amount) FILTER (WHERE place <> 'baseline'), 0)
        - coalesce(sum(amount) FILTER (WHERE place = 'baseline'), 0)) DESC, deal_id LIMIT %(limit)s
) AS sums JOIN pipeline_deal d ON d.id = sums.deal_id
ORDER BY abs(sums.expected - sums.baseline) DESC, sums.deal_id
"""


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause makes of a month: a milestone of the deal, or a word of the book."""

    cause: str
    amount: int
    milestone: Cause | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Minor units of the reporting currency. The parts sum to the variance."""

    period: date
    baseline: int
    expected: int
    parts: tuple[Part, ...] = ()

    @property
    def variance(self) -> int:
        return self.expected - self.baseline


@dataclass(frozen=True, slots=True)
class Variance:
    rows: tuple[Row, ...] = field(default_factory=tuple)

    @property
    def baseline(self) -> int:
        return sum(row.baseline for row in self.rows)

    @property
    def expected(self) -> int:
        return sum(row.expected for row in self.rows)

    @property
    def total(self) -> int:
        return self.expected - self.baseline


def of_deal(deal: int, as_of: datetime) -> Variance:
    """Every month of a deal, with the misses that moved it; three queries."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_DEAL, [deal, as_of])
        sums = cursor.fetchall()
    if not sums:
        return Variance()
    agreed, last = revenue.scheduled(deal, as_of), revenue.newest(deal, as_of)
    if agreed is None or last is None:
        return Variance(tuple(Row(*row) for row in sums))
    terms = said.terms_of(agreed)
    parts = rules.attributed(terms, said.causes_of(last)) if last["state"] == "scheduled" else []
    why = "prior_period" if last["state"] == "scheduled" else last["why"]
    return Variance(tuple(_row(period, baseline, now, parts, why) for period, baseline, now in sums))


def _row(period: date, baseline: int, expected: int, parts: Sequence[tuple[Cause, dict[date, int]]], why: str) -> Row:
    found = [Part("milestone_miss", months[period], cause) for cause, months in parts if period in months]
    rest = expected - baseline - sum(part.amount for part in found)
    if rest:
        found.append(Part(why, rest))
    return Row(period, baseline, expected, tuple(found))


class Line(NamedTuple):
    """Both sides of one unit, month and cause."""

    unit: str
    period: date
    cause: str
    baseline: int
    expected: int


def lines(period: Period | None, as_of: datetime, units: Sequence[str] | None) -> tuple[int, list[Line]]:
    """(newest position known, both sides over every deal of some units), by unit, month and cause."""
    known = balances.as_known(
        BOOK, PLACES, as_of=as_of, since=period.first if period else None, until=period.until if period else None,
        units=units,
    )  # fmt: skip
    sums: dict[tuple[str, date, str], list[int]] = {}
    for one in known.balances:
        sides = sums.setdefault((one.unit, one.period, one.cause), [0, 0])
        sides[one.place != BASELINE] += one.amount
    return known.position, [Line(*key, *sides) for key, sides in sums.items()]


def by_month(found: Iterable[Line]) -> Variance:
    """The months with what made each of them."""
    months: dict[date, dict[str, list[int]]] = {}
    for line in found:
        sides = months.setdefault(line.period, {}).setdefault(line.cause, [0, 0])
        sides[0] += line.baseline
        sides[1] += line.expected
    return Variance(
        tuple(
            Row(
                month,
                sum(baseline for baseline, _ in causes.values()),
                sum(expected for _, expected in causes.values()),
                tuple(
                    Part(cause, expected - baseline)
                    for cause, (baseline, expected) in sorted(causes.items())
                    if expected != baseline
                ),
            )
            for month, causes in sorted(months.items())
        )
    )


@dataclass(frozen=True, slots=True)
class DealRow:
    deal: int
    title: str
    unit: str
    baseline: int
    expected: int

    @property
    def ref(self) -> str:
        return ref_of(self.deal)

    @property
    def variance(self) -> int:
        return self.expected - self.baseline


def deals_behind(period: Period | None, as_of: datetime, units: Sequence[str] | None, limit: int = 20) -> list[DealRow]:
    """The deals that moved most in a period."""
    with connection.cursor() as cursor:
        cursor.execute(_DEALS, _scope(period, as_of, units) | {"limit": limit})
        return [DealRow(*row) for row in cursor.fetchall()]


def _scope(period: Period | None, as_of: datetime, units: Sequence[str] | None) -> dict[str, Any]:
    return {
        "since": period and period.first, "until": period and period.until, "as_of": as_of,
        "units": None if units is None else list(units),
    }  # fmt: skip
