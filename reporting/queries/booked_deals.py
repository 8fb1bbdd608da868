"""The deals behind a booked number. Read from the postings, page by page: a page costs as much in a large record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ledger.queries import prepared
from ledger.rules.postings import BOOKED, BOOKINGS
from pipeline.queries.deals import ref_of
from reporting.rules.periods import Period

# What makes the number: the same words for the posting that lists a deal, for a newer one and for the sum.
_SCOPE = """{0}.book = %(book)s AND {0}.place = ANY (%(places)s) AND {0}.recorded_at <= %(as_of)s
    AND (%(units)s::text[] IS NULL OR {0}.unit = ANY (%(units)s))"""
_MONTHS = (
    """{0}.period >= coalesce(%(since)s, '-infinity'::date) AND {0}.period < coalesce(%(until)s, 'infinity'::date)"""
)
# The postings of one deal are found by the deal. The planner takes the places of a number for rare and would look
# through all of them as well, were it not kept from it by OFFSET 0.
_OF_DEAL = "(SELECT * FROM ledger_posting h WHERE h.deal_id = {0} OFFSET 0)"
# Each month of a place is walked from its newest posting, along the index, until a page of deals has it as its newest.
_BEHIND = f"""
WITH RECURSIVE month AS (
    SELECT place, (SELECT m.period FROM ledger_posting m WHERE m.book = %(book)s AND m.place = known.place
            AND {_MONTHS.format("m")} ORDER BY m.period LIMIT 1) AS period
    FROM unnest(%(places)s::text[]) AS known (place)
    UNION ALL
    SELECT place, (SELECT m.period FROM ledger_posting m WHERE m.book = %(book)s AND m.place = month.place
            AND m.period > month.period AND {_MONTHS.format("m")} ORDER BY m.period LIMIT 1)
    FROM month WHERE month.period IS NOT NULL
), seen AS (
    SELECT e.recorded_at FROM ledger_entry e WHERE e.id <= %(before)s ORDER BY e.id DESC LIMIT 1
), newest AS (
    SELECT p.* FROM month, LATERAL (
        SELECT p.deal_id, p.recorded_at, p.entry_id, p.place FROM ledger_posting p
        WHERE {_SCOPE.format("p")} AND p.place = month.place AND p.period = month.period
          AND (%(before)s::bigint IS NULL OR (p.recorded_at, p.entry_id) < ((SELECT recorded_at FROM seen), %(before)s))
          AND p.recorded_at <= coalesce((SELECT recorded_at FROM seen), 'infinity')
          AND NOT EXISTS (SELECT FROM {_OF_DEAL.format("p.deal_id")} AS n WHERE n.id > p.id
              AND {_SCOPE.format("n")} AND {_MONTHS.format("n")})
        ORDER BY p.recorded_at DESC, p.entry_id DESC LIMIT %(limit)s
    ) AS p ORDER BY p.recorded_at DESC, p.entry_id DESC LIMIT %(limit)s
)
SELECT newest.deal_id, deal.title, whole.unit, newest.place, whole.amount, newest.entry_id
FROM newest JOIN pipeline_deal deal ON deal.id = newest.deal_id, LATERAL (
    SELECT min(s.unit) AS unit, sum(s.amount)::bigint AS amount FROM {_OF_DEAL.format("newest.deal_id")} AS s
    WHERE {_SCOPE.format("s")} AND {_MONTHS.format("s")}
) AS whole ORDER BY newest.recorded_at DESC, newest.entry_id DESC
"""

REVALUED = ("amount", "currency")  # causes that change a value where it stands
# A deal that never came out again was moved in once. So only those that came out are looked at one by one.
_CORRECTION = f"""
WITH out AS MATERIALIZED (
    SELECT DISTINCT deal_id FROM ledger_posting
    WHERE book = 'bookings' AND place = 'booked' AND amount < 0 AND recorded_at <= %(as_of)s
)
SELECT count(*) FILTER (WHERE moved.amount <> 0) - coalesce(sum(moved.moves), 0) FROM out, LATERAL (
    SELECT sum(p.amount) AS amount, count(*) FILTER (WHERE p.cause <> ALL (%(revalued)s)) AS moves
    FROM {_OF_DEAL.format("out.deal_id")} AS p WHERE {_SCOPE.format("p")} AND {_MONTHS.format("p")}
) AS moved
"""


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
    """The deals whose postings make the number, newest booking first; their amounts sum to it.

    `before` is the entry of the last deal seen.
    """
    return _page(_said(as_of, period, units, (place,)), before, limit)


def _page(said: dict[str, Any], before: int | None, limit: int) -> list[BookedDeal]:
    with connection.cursor() as cursor:
        prepared.execute(cursor, _BEHIND, said | {"before": before, "limit": limit})
        return [BookedDeal(*row) for row in cursor.fetchall()]


def behind(
    as_of: datetime, period: Period | None, units: Sequence[str] | None, place: str, before: int | None, limit: int
) -> list[BookedDeal]:
    """`deals_behind` in the order in which a measure asks."""
    return deals_behind(as_of=as_of, period=period, units=units, place=place, before=before, limit=limit)


def count_deals(
    moves: int, *, as_of: datetime, period: Period | None = None, units: Sequence[str] | None = None
) -> int:
    """How many deals stand behind a number with so many `moves`: those whose amounts come to something."""
    with connection.cursor() as cursor:
        said = _said(as_of, period, units, (BOOKED,)) | {"revalued": list(REVALUED)}
        prepared.execute(cursor, _CORRECTION, said)
        correction: int = cursor.fetchone()[0]
    return moves + int(correction)


def _said(as_of: datetime, period: Period | None, units: Sequence[str] | None, places: Sequence[str]) -> dict[str, Any]:
    return {
        "book": BOOKINGS, "places": list(places), "as_of": as_of, "units": None if units is None else list(units),
        "since": period and period.first, "until": period and period.until,
    }  # fmt: skip
