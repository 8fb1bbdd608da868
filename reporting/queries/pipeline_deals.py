"""The deals of the open pipeline, and how many they are: from where each stands, not from all that it ever posted."""

from __future__ import annotations

from typing import Any

from django.db import connection

from reporting.queries import bridge
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Asked

_SCOPE = """
s.place LIKE 'pipeline/%%' AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s))
    AND s.period >= coalesce(%(first)s, '-infinity'::date) AND s.period < coalesce(%(last)s, 'infinity'::date)
"""
_COUNT = f"SELECT count(*) FROM public.pipeline_dealstate s WHERE {_SCOPE}"
_DEALS = f"""
SELECT s.deal_id, d.title, s.unit, s.place, s.value_minor, s.entry_id FROM (
    SELECT s.deal_id, s.unit, s.place, s.value_minor, s.entry_id FROM pipeline_dealstate s WHERE {_SCOPE} {{fence}}
) AS s JOIN pipeline_deal d ON d.id = s.deal_id
WHERE s.entry_id < coalesce(%(before)s, 9223372036854775807) ORDER BY s.entry_id DESC LIMIT %(limit)s
"""


def count(asked: Asked) -> int:
    """At a moment of the past: those of today, without those that came since, with those that left."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _said(asked))
        found: int = cursor.fetchone()[0]
    return found - bridge.entered_since(asked) if asked.past else found


def behind(asked: Asked, before: int | None, most: int) -> list[BookedDeal]:
    """Newest entry first; `before` is the entry of the last deal seen."""
    with asked.reading(), connection.cursor() as cursor:
        cursor.execute(_DEALS.replace("{fence}", fence(asked)), _said(asked) | {"before": before, "limit": most})
        return [BookedDeal(*row) for row in cursor.fetchall()]


def fence(asked: Asked) -> str:
    """Keeps what is asked of open deals from the others. In the past the entry of each deal is looked up, and a page by
    entry would look up that of every deal; at present there is nothing to keep, and several processes may look."""
    return "OFFSET 0" if asked.past else ""


def _said(asked: Asked) -> dict[str, Any]:
    units = None if asked.units is None else list(asked.units)
    return {"units": units, "first": asked.since, "last": asked.until}
