"""Booked: the one number, a sum over postings, at any moment. Page, API and file ask here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.rules.postings import BOOKED, BOOKED_UNDER_WAIVER, UNVERIFIED
from pipeline.queries.deals import ref_of
from pipeline.queries.organisation import Company
from reporting.rules.periods import Period

_PLACES = [BOOKED, BOOKED_UNDER_WAIVER, UNVERIFIED]
# What a booking adds: the value carried and what its rate or amount added. All else takes value out again.
_GROSS = "('won', 'currency', 'amount')"
_SCOPE = """
FROM ledger_posting
WHERE book = 'bookings' AND place = ANY (%s) AND period >= coalesce(%s, '-infinity'::date)
  AND period < coalesce(%s, 'infinity'::date) AND recorded_at <= %s AND (%s::text[] IS NULL OR unit = ANY (%s))
"""


@dataclass(frozen=True, slots=True)
class BookedRow:
    """Amounts in minor units of the reporting currency. value = gross − de_booked."""

    unit: str
    period: date
    value: int
    gross: int
    de_booked: int
    under_waiver: int
    unverified_history: int


@dataclass(frozen=True, slots=True)
class Booked:
    """The number of a scope with its parts; `position` is the newest entry that was known at `as_of`."""

    currency: str
    as_of: datetime
    position: int
    definition_version: int
    rows: Sequence[BookedRow] = field(default_factory=tuple)

    @property
    def value(self) -> int:
        return sum(row.value for row in self.rows)

    @property
    def gross(self) -> int:
        return sum(row.gross for row in self.rows)

    @property
    def de_booked(self) -> int:
        return sum(row.de_booked for row in self.rows)

    @property
    def under_waiver(self) -> int:
        return sum(row.under_waiver for row in self.rows)

    @property
    def unverified_history(self) -> int:
        return sum(row.unverified_history for row in self.rows)


def _scope(period: Period | None, as_of: datetime, units: Sequence[str] | None) -> list[Any]:
    wanted = None if units is None else list(units)
    return [_PLACES, period and period.first, period and period.until, as_of, wanted, wanted]


def booked(
    company: Company, *, as_of: datetime, period: Period | None = None, units: Sequence[str] | None = None
) -> Booked:
    """Booked by unit and month as it was known at `as_of`. `units` None: all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT unit, period,
                coalesce(sum(amount) FILTER (WHERE place = 'booked'), 0)::bigint,
                coalesce(sum(amount) FILTER (WHERE place = 'booked' AND cause IN {_GROSS}), 0)::bigint,
                coalesce(-sum(amount) FILTER (WHERE place = 'booked' AND cause NOT IN {_GROSS}), 0)::bigint,
                coalesce(sum(amount) FILTER (WHERE place = 'booked-under-waiver'), 0)::bigint,
                coalesce(sum(amount) FILTER (WHERE place = 'unverified-history'), 0)::bigint
            {_SCOPE} GROUP BY unit, period ORDER BY unit, period""",
            _scope(period, as_of, units),
        )
        rows = tuple(BookedRow(*row) for row in cursor.fetchall())
        cursor.execute(
            "SELECT (SELECT id FROM ledger_entry WHERE recorded_at <= %s ORDER BY id DESC LIMIT 1),"
            " (SELECT max(version) FROM pipeline_policyversion WHERE published_at <= %s)",
            [as_of, as_of],
        )
        position, version = cursor.fetchone()
    return Booked(company.currency, as_of, position or 0, version or 0, rows)


def count_deals(*, as_of: datetime, period: Period | None = None, units: Sequence[str] | None = None) -> int:
    """How many deals stand behind the number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT deal_id {_SCOPE} GROUP BY deal_id HAVING sum(amount) <> 0) AS moved",
            [[BOOKED], *_scope(period, as_of, units)[1:]],
        )
        count: int = cursor.fetchone()[0]
    return count


@dataclass(frozen=True, slots=True)
class BookedDeal:
    """One deal behind the number, with the last entry that moved its booking."""

    deal: int
    title: str
    unit: str
    place: str
    amount: int
    entry: int

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


def deals_behind(
    *,
    as_of: datetime,
    period: Period | None = None,
    units: Sequence[str] | None = None,
    place: str = BOOKED,
    before: int | None = None,
    limit: int = 50,
) -> list[BookedDeal]:
    """The deals whose postings make the number, newest booking first; their amounts sum to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT sums.deal_id, d.title, sums.unit, %s, sums.amount, sums.entry FROM (
                SELECT deal_id, min(unit) AS unit, sum(amount)::bigint AS amount, max(entry_id) AS entry
                {_SCOPE} GROUP BY deal_id HAVING max(entry_id) < %s ORDER BY max(entry_id) DESC LIMIT %s
            ) AS sums JOIN pipeline_deal d ON d.id = sums.deal_id ORDER BY sums.entry DESC""",
            [place, [place], *_scope(period, as_of, units)[1:], before or 2**62, limit],
        )
        return [BookedDeal(*row) for row in cursor.fetchall()]
