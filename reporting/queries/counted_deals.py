"""The deals behind a figure that counts postings of several months, moments or books: a signed sum by deal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from reporting.queries.booked_deals import BookedDeal

# By the month that a posting was made to, or, as `known`, by the one in which it was true. Two ways into the index.
_COUNTED = """
WITH part AS (
    SELECT * FROM unnest(%(books)s::text[], %(places)s::text[], %(signs)s::int[], %(sinces)s::date[],
        %(untils)s::date[], %(moments)s::timestamptz[], %(known)s::boolean[])
        AS part (book, place, sign, since, until, at, known)
), counted AS (
    SELECT p.deal_id, p.unit, p.place, part.sign * p.amount AS amount, p.entry_id, p.id
    FROM part JOIN ledger_posting p ON (p.book, p.place) = (part.book, part.place)
        AND p.period >= part.since AND p.period < part.until AND p.recorded_at <= part.at
    WHERE NOT (part.known AND p.relates_to IS NOT NULL)
    UNION ALL
    SELECT p.deal_id, p.unit, p.place, part.sign * p.amount, p.entry_id, p.id
    FROM part JOIN ledger_posting p ON (p.book, p.place) = (part.book, part.place)
        AND p.relates_to >= part.since AND p.relates_to < part.until AND p.recorded_at <= part.at
    WHERE part.known
), found AS (
    SELECT deal_id, (array_agg(unit ORDER BY id DESC))[1] AS unit, (array_agg(place ORDER BY id DESC))[1] AS place,
        sum(amount)::bigint AS amount, max(entry_id) AS entry
    FROM counted WHERE %(units)s::text[] IS NULL OR unit = ANY (%(units)s)
    GROUP BY deal_id HAVING sum(amount) <> 0
)
"""
_DEALS = f"""
{_COUNTED}
SELECT found.deal_id, deal.title, found.unit, found.place, found.amount, found.entry
FROM found JOIN pipeline_deal deal ON deal.id = found.deal_id
WHERE found.entry < coalesce(%(before)s, 9223372036854775807) ORDER BY found.entry DESC LIMIT %(limit)s
"""
_COUNT = f"{_COUNTED} SELECT count(*) FROM found"


class Counted(NamedTuple):
    """What stands in a place of a book, in the months from `since` to before `until`, as it was posted by a moment, or
    `known` by then; +1 or −1."""

    book: str
    place: str
    sign: int
    since: date
    until: date
    at: datetime
    known: bool


def behind(counted: Sequence[Counted], units: Sequence[str] | None, before: int | None, most: int) -> list[BookedDeal]:
    """Newest entry first; their amounts sum to the figure. `before` is the last entry seen."""
    with connection.cursor() as cursor:
        cursor.execute(_DEALS, _said(counted, units) | {"before": before, "limit": most})
        return [BookedDeal(*row) for row in cursor.fetchall()]


def count(counted: Sequence[Counted], units: Sequence[str] | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _said(counted, units))
        found: int = cursor.fetchone()[0]
    return found


def _said(counted: Sequence[Counted], units: Sequence[str] | None) -> dict[str, Any]:
    names = ("books", "places", "signs", "sinces", "untils", "moments", "known")
    columns = zip(*counted, strict=True) if counted else ([],) * len(names)
    return {
        **{name: list(column) for name, column in zip(names, columns, strict=True)},
        "units": None if units is None else list(units),
    }
