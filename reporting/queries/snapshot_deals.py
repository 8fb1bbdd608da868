"""The deals whose bookings a snapshot of a closed month adds up: the postings that it counted, and no later ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Asked

# A first snapshot counts what was posted to its month, a restatement what was true in it. Two ways into the index.
_COUNTED = """
WITH reported AS (SELECT * FROM unnest(%(months)s::date[], %(moments)s::timestamptz[], %(known)s::boolean[])
    AS r (month, at, known)
), counted AS (
    SELECT p.deal_id, p.unit, p.amount, p.entry_id, p.id FROM reported r JOIN ledger_posting p ON p.period = r.month
    WHERE p.book = 'bookings' AND p.place = 'booked' AND p.recorded_at <= r.at
      AND NOT (r.known AND p.relates_to IS NOT NULL)
    UNION ALL
    SELECT p.deal_id, p.unit, p.amount, p.entry_id, p.id FROM reported r JOIN ledger_posting p ON p.relates_to = r.month
    WHERE r.known AND p.book = 'bookings' AND p.place = 'booked' AND p.recorded_at <= r.at
), found AS (
    SELECT deal_id, (array_agg(unit ORDER BY id DESC))[1] AS unit, sum(amount)::bigint AS amount,
        max(entry_id) AS entry
    FROM counted WHERE %(units)s::text[] IS NULL OR unit = ANY (%(units)s)
    GROUP BY deal_id HAVING sum(amount) <> 0
)
"""
_DEALS = f"""
{_COUNTED}
SELECT found.deal_id, deal.title, found.unit, 'booked', found.amount, found.entry
FROM found JOIN pipeline_deal deal ON deal.id = found.deal_id
WHERE found.entry < coalesce(%(before)s, 9223372036854775807) ORDER BY found.entry DESC LIMIT %(limit)s
"""
_COUNT = f"{_COUNTED} SELECT count(*) FROM found"


class Reported(NamedTuple):
    """A snapshot: its month, when it was taken, and whether it is a restatement."""

    month: date
    at: datetime
    restated: bool


def behind(asked: Asked, reported: Sequence[Reported], before: int | None, most: int) -> list[BookedDeal]:
    """Newest entry first; their amounts sum to the bookings that were reported. `before` is the last entry seen."""
    with connection.cursor() as cursor:
        cursor.execute(_DEALS, _said(asked, reported) | {"before": before, "limit": most})
        return [BookedDeal(*row) for row in cursor.fetchall()]


def count(asked: Asked, reported: Sequence[Reported]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _said(asked, reported))
        found: int = cursor.fetchone()[0]
    return found


def _said(asked: Asked, reported: Sequence[Reported]) -> dict[str, Any]:
    return {
        "months": [one.month for one in reported], "moments": [one.at for one in reported],
        "known": [one.restated for one in reported], "units": None if asked.units is None else list(asked.units),
    }  # fmt: skip
