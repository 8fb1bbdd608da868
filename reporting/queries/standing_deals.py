"""The deals that come to something in some places of a book, at any moment: a sum over each deal's own postings.

For places that deals pass through, such as stages: only where a deal stands is left. A page reads the newest postings
of each month, and of the deals that it finds there what makes their sum. A number itself comes from the balances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Asked

_AMOUNT = "sum(CASE WHEN p.place = ANY (%(less)s) THEN -p.amount ELSE p.amount END)"
_SCOPE = """
p.book = %(book)s AND p.place = ANY (%(places)s) AND p.recorded_at <= %(as_of)s
    AND (%(units)s::text[] IS NULL OR p.unit = ANY (%(units)s))
    AND (%(causes)s::text[] IS NULL OR p.cause = ANY (%(causes)s)) AND p.cause <> ALL (%(but)s)
"""
_SINCE, _UNTIL = "coalesce(%(since)s, '-infinity'::date)", "coalesce(%(until)s, 'infinity'::date)"
_MONTHS = f"p.period >= {_SINCE} AND p.period < {_UNTIL}"
_TRUE_MONTHS = f"coalesce(p.relates_to, p.period) >= {_SINCE} AND coalesce(p.relates_to, p.period) < {_UNTIL}"
# What was posted late has an index of its own: few rows, so that all of them are looked at.
_LATE = f"""
    UNION ALL
    SELECT p.deal_id, p.entry_id FROM ledger_posting p
    WHERE {_SCOPE} AND p.relates_to >= {_SINCE} AND p.relates_to < {_UNTIL}
      AND p.entry_id < coalesce(%(before)s, 9223372036854775807)
"""
# Of each month of a place the newest postings, along the index. Where that was not all of them, what is older than the
# last one read is not known yet: the deals are whole down to the newest such border, and the next reading begins there.
_DEALS = """
WITH RECURSIVE month AS (
    SELECT place, (SELECT p.period FROM ledger_posting p WHERE p.book = %(book)s AND p.place = known.place
            AND {posted} ORDER BY p.period LIMIT 1) AS period
    FROM unnest(%(places)s::text[]) AS known (place)
    UNION ALL
    SELECT place, (SELECT p.period FROM ledger_posting p WHERE p.book = %(book)s AND p.place = month.place
            AND p.period > month.period AND {posted} ORDER BY p.period LIMIT 1)
    FROM month WHERE month.period IS NOT NULL
), seen AS (
    SELECT e.recorded_at FROM ledger_entry e WHERE e.id <= %(before)s ORDER BY e.id DESC LIMIT 1
), walked AS MATERIALIZED (
    SELECT month.place, month.period, newest.* FROM month, LATERAL (
        SELECT p.deal_id, p.entry_id FROM ledger_posting p
        WHERE {scope} AND p.place = month.place AND p.period = month.period
          AND p.entry_id < coalesce(%(before)s, 9223372036854775807)
          AND p.recorded_at <= coalesce((SELECT recorded_at FROM seen), 'infinity')
        ORDER BY p.recorded_at DESC, p.entry_id DESC LIMIT %(read)s
    ) AS newest
), border AS MATERIALIZED (
    SELECT coalesce(max(oldest), 0) AS entry FROM (
        SELECT min(entry_id) AS oldest FROM walked GROUP BY place, period HAVING count(*) = %(read)s
    ) AS unread
), candidate AS (
    SELECT DISTINCT deal_id FROM (SELECT deal_id, entry_id FROM walked {late}) AS known
    WHERE entry_id >= (SELECT entry FROM border)
)
SELECT border.entry, found.* FROM border LEFT JOIN (
    SELECT candidate.deal_id, deal.title, whole.unit, whole.place, whole.amount, whole.entry
    FROM candidate JOIN pipeline_deal deal ON deal.id = candidate.deal_id, LATERAL (
        SELECT (array_agg(p.unit ORDER BY p.id DESC))[1] AS unit, (array_agg(p.place ORDER BY p.id DESC))[1] AS place,
            {amount}::bigint AS amount, max(p.entry_id) AS entry
        FROM ledger_posting p WHERE p.deal_id = candidate.deal_id AND {scope} AND {months}
    ) AS whole WHERE whole.amount <> 0 AND whole.entry < coalesce(%(before)s, 9223372036854775807)
) AS found ON found.entry >= border.entry ORDER BY found.entry DESC
"""
_REPORTED = _DEALS.format(scope=_SCOPE, posted=_MONTHS, months=_MONTHS, amount=_AMOUNT, late="")
_KNOWN = _DEALS.format(scope=_SCOPE, posted=_MONTHS, months=_TRUE_MONTHS, amount=_AMOUNT, late=_LATE)
# Every posting of the places in the months: where so few deals come to something that no page of them is near.
_WHOLE = f"""
SELECT found.deal_id, deal.title, found.unit, found.place, found.amount, found.entry FROM (
    SELECT p.deal_id, (array_agg(p.unit ORDER BY p.id DESC))[1] AS unit,
        (array_agg(p.place ORDER BY p.id DESC))[1] AS place, {_AMOUNT}::bigint AS amount, max(p.entry_id) AS entry
    FROM ledger_posting p WHERE {_SCOPE} AND {{months}} GROUP BY p.deal_id
    HAVING {_AMOUNT} <> 0 AND max(p.entry_id) < coalesce(%(before)s, 9223372036854775807)
    ORDER BY max(p.entry_id) DESC LIMIT %(limit)s
) AS found JOIN pipeline_deal deal ON deal.id = found.deal_id ORDER BY found.entry DESC
"""
_COUNT = f"""
SELECT count(*) FROM (SELECT FROM ledger_posting p WHERE {_SCOPE} AND {{months}} GROUP BY p.deal_id
    HAVING {_AMOUNT} <> 0) AS found
"""
_WALKS = 2  # readings along the index, the second of four times as much, before all is read


@dataclass(frozen=True, slots=True)
class Postings:
    """Which postings a number adds up: of some places, by some causes (None: all) `but` some. What stands in `less`
    counts against it. `known`: by the month in which value was true, not by the one that it was posted to."""

    book: str
    places: tuple[str, ...]
    less: tuple[str, ...] = ()
    causes: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()
    known: bool = False


def behind(asked: Asked, of: Postings, before: int | None, most: int) -> list[BookedDeal]:
    """Newest entry first; `before` is the entry of the last deal seen."""
    said, found = _said(asked, of), list[BookedDeal]()
    with connection.cursor() as cursor:
        for walk in range(_WALKS):
            cursor.execute(_KNOWN if of.known else _REPORTED, said | {"before": before, "read": (most + 1) * 4**walk})
            rows = cursor.fetchall()
            found += [BookedDeal(*row[1:]) for row in rows if row[1] is not None]
            before = rows[0][0]
            if not before or len(found) >= most:
                return found[:most]
        cursor.execute(_WHOLE.format(months=_months(of)), said | {"before": before, "limit": most - len(found)})
        return found + [BookedDeal(*row) for row in cursor.fetchall()]


def count(asked: Asked, of: Postings) -> int:
    """How many deals `behind` lists in all. It reads every posting of the places in the months."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(months=_months(of)), _said(asked, of))
        found: int = cursor.fetchone()[0]
    return found


def _months(of: Postings) -> str:
    return _TRUE_MONTHS if of.known else _MONTHS


def _said(asked: Asked, of: Postings) -> dict[str, Any]:
    return {
        "book": of.book, "places": list(of.places), "less": list(of.less), "but": list(of.but),
        "causes": None if of.causes is None else list(of.causes), "as_of": asked.as_of,
        "units": None if asked.units is None else list(asked.units), "since": asked.since, "until": asked.until,
    }  # fmt: skip
