"""The deals behind the numbers of a forecast, newest entry first; `before` is the entry of the last deal seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from reporting.queries import forecast_sums
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.forecast_sums import SAID, SUPPORTED
from reporting.queries.measuring import Asked
from reporting.rules.forecast.shares import Share

_TITLE = "(SELECT title FROM pipeline_deal t WHERE t.id = {0}.deal_id)"
_PAGE = "{0}.entry_id < coalesce(%(before)s, 9223372036854775807) ORDER BY {0}.entry_id DESC LIMIT %(limit)s"
_OPEN = """
FROM pipeline_dealstate s
WHERE s.place LIKE 'pipeline/%%' AND s.value_minor IS NOT NULL
  AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s))
  AND s.period >= coalesce(%(since)s, '-infinity'::date) AND s.period < coalesce(%(until)s, 'infinity'::date)
"""
_CALLED = f"""
SELECT f.deal_id, {_TITLE.format("f")}, s.unit, f.category, s.value_minor, s.entry_id {SAID}
  AND f.category = %(category)s AND {_PAGE.format("s")}
"""
_NOT_CALLED = f"""
SELECT s.deal_id, {_TITLE.format("s")}, s.unit, s.place, s.value_minor, s.entry_id {_OPEN}
  AND s.period <> ALL (%(closed)s::date[]) AND NOT EXISTS (SELECT FROM reporting_forecast f
      WHERE f.deal_id = s.deal_id AND f.until_at IS NULL AND f.category = ANY (%(categories)s))
  AND {_PAGE.format("s")}
"""
_VERIFIED = f"""{SUPPORTED}
SELECT v.deal_id, {_TITLE.format("v")}, v.unit, v.place, {{amount}}, v.entry_id FROM supported v
WHERE {{amount}} <> 0 AND {_PAGE.format("v")}
"""
# What a share of all up to a deal adds to the share of all before it, as in rules/forecast/shares.py: the sums by unit
# and month of the measure follow each other in the same order.
_PART = """(div(2 * v.upto * v.over + v.under, 2 * v.under)
    - div(2 * (v.upto - v.value_minor) * v.over + v.under, 2 * v.under))::bigint"""
_WORTH = f"""
SELECT v.deal_id, {_TITLE.format("v")}, v.unit, v.place, {_PART}, v.entry_id FROM (
    SELECT f.deal_id, s.unit, s.place, s.value_minor, s.entry_id,
        %(over)s::numeric AS over, %(under)s::numeric AS under,
        sum(s.value_minor) OVER (ORDER BY s.unit COLLATE "C", s.period, s.entry_id) AS upto {SAID}
      AND f.category = 'commit'
) AS v WHERE {_PAGE.format("v")}
"""
_WEIGHED = f"""
SELECT v.deal_id, {_TITLE.format("v")}, v.unit, v.place, {_PART}, v.entry_id FROM (
    SELECT s.deal_id, s.unit, s.place, s.value_minor, s.entry_id, coalesce(odds.over, 0) AS over,
        coalesce(odds.under, 1) AS under,
        sum(s.value_minor) OVER (PARTITION BY s.place, s.unit, s.period ORDER BY s.entry_id) AS upto
    FROM (SELECT s.* {_OPEN} AND (%(place)s = '' OR s.place = %(place)s)) AS s
    LEFT JOIN unnest(%(places)s::text[], %(over)s::numeric[], %(under)s::numeric[]) AS odds (place, over, under)
        ON odds.place = s.place
) AS v WHERE {_PAGE.format("v")}
"""
_STANDING = f"SELECT count(*) {_OPEN} AND s.place = %(place)s"


def called(asked: Asked, category: str, before: int | None, limit: int) -> list[BookedDeal]:
    """Those of a category that somebody has spoken of."""
    return _deals(asked, _CALLED, before, limit, category=category)


def not_called(asked: Asked, categories: Collection[str], before: int | None, limit: int) -> list[BookedDeal]:
    """Open deals of which none of these is said, in months that are not closed."""
    return _deals(asked, _NOT_CALLED, before, limit, categories=list(categories))


def verified(asked: Asked, before: int | None, limit: int) -> list[BookedDeal]:
    """Commits, each with the part of its value that verified milestones support."""
    return _deals(asked, _VERIFIED.replace("{amount}", "v.verified"), before, limit)


def unverified(asked: Asked, before: int | None, limit: int) -> list[BookedDeal]:
    """Commits, each with the part of its value that nothing verified supports."""
    return _deals(asked, _VERIFIED.replace("{amount}", "(v.value_minor - v.verified)"), before, limit)


def worth(asked: Asked, share: Share, before: int | None, limit: int) -> list[BookedDeal]:
    """Commits, each with its part of a share of them all."""
    return _deals(asked, _WORTH, before, limit, over=share.over, under=share.under)


def weighed(asked: Asked, odds: Mapping[str, Share], before: int | None, limit: int) -> list[BookedDeal]:
    """Open deals, each with its value by the odds of its place; of the one stage that is asked for, or of all."""
    said = {
        "places": list(odds), "over": [share.over for share in odds.values()],
        "under": [share.under for share in odds.values()], "place": place(asked),
    }  # fmt: skip
    return _deals(asked, _WEIGHED, before, limit, **said)


def standing(asked: Asked) -> int:
    """How many open deals stand in the stage that is asked for."""
    ((found,),) = forecast_sums.ask(asked, _STANDING, place=place(asked))
    return int(found)


def place(asked: Asked) -> str:
    return f"pipeline/{asked.stage}" if asked.stage else ""


def _deals(asked: Asked, query: str, before: int | None, limit: int, **more: Any) -> list[BookedDeal]:
    rows: Sequence[tuple[Any, ...]] = forecast_sums.ask(asked, query, before=before, limit=limit, **more)
    return [BookedDeal(*row) for row in rows]
