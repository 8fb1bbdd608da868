"""The deals that come to something in some places of a book, at any moment: a sum over each deal's own postings.

For places that deals pass through, such as stages: only where a deal stands is left. It reads every posting of these
places, so it is for lists and receipts; a number itself comes from the balances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Asked

_AMOUNT = "sum(CASE WHEN p.place = ANY (%(less)s) THEN -p.amount ELSE p.amount END)"
_FOUND = """
FROM ledger_posting p WHERE p.book = %(book)s AND p.place = ANY (%(places)s) AND p.recorded_at <= %(as_of)s
    AND (%(units)s::text[] IS NULL OR p.unit = ANY (%(units)s))
    AND (%(causes)s::text[] IS NULL OR p.cause = ANY (%(causes)s)) AND p.cause <> ALL (%(but)s)
    AND p.period >= coalesce(%(since)s, '-infinity'::date) AND p.period < coalesce(%(until)s, 'infinity'::date)
"""
_DEALS = f"""
SELECT found.deal_id, deal.title, found.unit, found.place, found.amount, found.entry FROM (
    SELECT p.deal_id, (array_agg(p.unit ORDER BY p.id DESC))[1] AS unit,
        (array_agg(p.place ORDER BY p.id DESC))[1] AS place, {_AMOUNT}::bigint AS amount, max(p.entry_id) AS entry
    {_FOUND} GROUP BY p.deal_id
    HAVING {_AMOUNT} <> 0 AND max(p.entry_id) < coalesce(%(before)s, 9223372036854775807)
    ORDER BY max(p.entry_id) DESC LIMIT %(limit)s
) AS found JOIN pipeline_deal deal ON deal.id = found.deal_id ORDER BY found.entry DESC
"""
_COUNT = f"SELECT count(*) FROM (SELECT {_FOUND} GROUP BY p.deal_id HAVING {_AMOUNT} <> 0) AS found"


@dataclass(frozen=True, slots=True)
class Postings:
    """Which postings a number adds up: of some places, by some causes (None: all) `but` some. What stands in `less`
    counts against it."""

    book: str
    places: tuple[str, ...]
    less: tuple[str, ...] = ()
    causes: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()


def behind(asked: Asked, of: Postings, before: int | None, most: int) -> list[BookedDeal]:
    """Newest entry first; `before` is the entry of the last deal seen."""
    with connection.cursor() as cursor:
        cursor.execute(_DEALS, _said(asked, of) | {"before": before, "limit": most})
        return [BookedDeal(*row) for row in cursor.fetchall()]


def count(asked: Asked, of: Postings) -> int:
    """How many deals `behind` lists in all."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _said(asked, of))
        found: int = cursor.fetchone()[0]
    return found


def _said(asked: Asked, of: Postings) -> dict[str, Any]:
    return {
        "book": of.book, "places": list(of.places), "less": list(of.less), "but": list(of.but),
        "causes": None if of.causes is None else list(of.causes), "as_of": asked.as_of,
        "units": None if asked.units is None else list(asked.units), "since": asked.since, "until": asked.until,
    }  # fmt: skip
