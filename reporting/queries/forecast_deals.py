"""The deals behind the numbers of a forecast, newest entry first; `before` is the entry of the last deal seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from reporting.queries import forecast_sums, pipeline_deals
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
SELECT v.deal_id, {_TITLE.format("v")}, v.unit, v.place, v.value_minor, v.entry_id FROM (
    SELECT s.deal_id, s.unit, s.place, s.value_minor, s.entry_id {_OPEN}
      AND s.period <> ALL (%(closed)s::date[]) AND NOT EXISTS (SELECT FROM reporting_forecast f
          WHERE f.deal_id = s.deal_id AND f.until_at IS NULL AND f.category = ANY (%(categories)s))
    {{fence}}
) AS v WHERE {_PAGE.format("v")}
"""
_VERIFIED = f"""{SUPPORTED}
SELECT v.deal_id, {_TITLE.format("v")}, v.unit, v.place, {{amount}}, v.entry_id FROM supported v
WHERE {{amount}} <> 0 AND {_PAGE.format("v")}
"""
# What a share of all up to a deal adds to the share of all before it, as in rules/forecast/shares.py: the sums by unit
# and month of the measure follow each other in the same order.
_PART = """(div(2 * v.upto * v.over + v.under, 2 * v.under)
    - div(2 * (v.upto - v.value_minor) * v.over + v.under, 2 * v.under))::bigint"""
# What a group comes to is known (`Upto`). Without what is newer in it, which the list has passed, that is the sum up to
# a deal. So nothing behind a page is added up for it.
_PARTS = f"""
WITH found AS {{once}} (
    SELECT {{number}} AS deal_id, s.unit, s.place, {{stage}} AS stage, s.period, s.value_minor, s.entry_id {{rows}}
), page AS MATERIALIZED (
    SELECT * FROM found WHERE {_PAGE.format("found")}
), passed AS (
    SELECT stage, unit, period, sum(value_minor) AS value FROM found WHERE entry_id >= %(before)s GROUP BY 1, 2, 3
)
SELECT v.deal_id, {_TITLE.format("v")}, v.unit, v.place, {_PART}, v.entry_id FROM (
    SELECT page.*, coalesce(whole.over, 0) AS over, coalesce(whole.under, 1) AS under,
        coalesce(whole.upto, 0) - coalesce(passed.value, 0) - coalesce(sum(page.value_minor) OVER (
            PARTITION BY stage, unit, period ORDER BY page.entry_id DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS upto
    FROM page LEFT JOIN passed USING (stage, unit, period) LEFT JOIN unnest(%(stages)s::text[], %(of)s::text[],
        %(months)s::date[], %(uptos)s::numeric[], %(over)s::numeric[], %(under)s::numeric[])
        AS whole (stage, unit, period, upto, over, under) USING (stage, unit, period)
) AS v ORDER BY v.entry_id DESC
"""


def _parts(number: str, stage: str, rows: str) -> str:
    return _PARTS.replace("{number}", number).replace("{stage}", stage).replace("{rows}", rows)


_WORTH = _parts("f.deal_id", "''", f"{SAID} AND f.category = 'commit'")
_WEIGHED = _parts("s.deal_id", "s.place", f"{_OPEN} AND (%(place)s = '' OR s.place = %(place)s)")
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


class Upto(NamedTuple):
    """What the deals of a stage, unit and month are a share of: the sum up to the last of them, in the one order of
    all that the share is of."""

    stage: str
    unit: str
    month: str
    minor: int
    share: Share


def worth(asked: Asked, groups: Sequence[Upto], before: int | None, limit: int) -> list[BookedDeal]:
    """Commits, each with its part of a share of them all; the groups are of no stage."""
    return _deals(asked, _WORTH, before, limit, **_whole(groups))


def weighed(asked: Asked, groups: Sequence[Upto], before: int | None, limit: int) -> list[BookedDeal]:
    """Open deals, each with its value by the odds of its stage; of the one stage that is asked for, or of all."""
    return _deals(asked, _WEIGHED, before, limit, place=place(asked), **_whole(groups))


def _whole(groups: Sequence[Upto]) -> dict[str, Any]:
    return {
        "stages": [one.stage for one in groups], "of": [one.unit for one in groups],
        "months": [f"{one.month}-01" for one in groups], "uptos": [one.minor for one in groups],
        "over": [one.share.over for one in groups], "under": [one.share.under for one in groups],
    }  # fmt: skip


def standing(asked: Asked) -> int:
    """How many open deals stand in the stage that is asked for."""
    ((found,),) = forecast_sums.ask(asked, _STANDING, place=place(asked))
    return int(found)


def place(asked: Asked) -> str:
    return f"pipeline/{asked.stage}" if asked.stage else ""


def _deals(asked: Asked, query: str, before: int | None, limit: int, **more: Any) -> list[BookedDeal]:
    query = query.replace("{once}", "MATERIALIZED" if asked.past else "NOT MATERIALIZED")
    query = query.replace("{fence}", pipeline_deals.fence(asked))
    rows: Sequence[tuple[Any, ...]] = forecast_sums.ask(asked, query, before=before, limit=limit, **more)
    return [BookedDeal(*row) for row in rows]
