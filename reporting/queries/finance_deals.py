"""The deals behind a number that takes several books together: a signed sum over each deal's own postings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Asked

Part = tuple[str, str, int]  # (book, place, +1 or −1)

_FOUND = """
FROM ledger_posting p JOIN unnest(%(books)s::text[], %(places)s::text[], %(signs)s::int[]) AS part (book, place, sign)
    ON (p.book, p.place) = (part.book, part.place)
WHERE p.recorded_at <= %(as_of)s AND (%(units)s::text[] IS NULL OR p.unit = ANY (%(units)s))
GROUP BY p.deal_id HAVING sum(part.sign * p.amount) <> 0
"""
_DEALS = f"""
SELECT found.deal_id, deal.title, found.unit, found.place, found.amount, found.entry FROM (
    SELECT p.deal_id, (array_agg(p.unit ORDER BY p.id DESC))[1] AS unit,
        (array_agg(p.place ORDER BY p.id DESC))[1] AS place, sum(part.sign * p.amount)::bigint AS amount,
        max(p.entry_id) AS entry
    {_FOUND} AND max(p.entry_id) < coalesce(%(before)s, 9223372036854775807)
    ORDER BY max(p.entry_id) DESC LIMIT %(limit)s
) AS found JOIN pipeline_deal deal ON deal.id = found.deal_id ORDER BY found.entry DESC
"""
_COUNT = f"SELECT count(*) FROM (SELECT {_FOUND}) AS found"


def behind(asked: Asked, parts: Sequence[Part], before: int | None, most: int) -> list[BookedDeal]:
    """Newest entry first; `before` is the entry of the last deal seen."""
    with connection.cursor() as cursor:
        cursor.execute(_DEALS, _said(asked, parts) | {"before": before, "limit": most})
        return [BookedDeal(*row) for row in cursor.fetchall()]


def count(asked: Asked, parts: Sequence[Part]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _said(asked, parts))
        found: int = cursor.fetchone()[0]
    return found


def _said(asked: Asked, parts: Sequence[Part]) -> dict[str, Any]:
    return {
        "books": [part[0] for part in parts], "places": [part[1] for part in parts],
        "signs": [part[2] for part in parts],
        "as_of": asked.as_of, "units": None if asked.units is None else list(asked.units),
    }  # fmt: skip
