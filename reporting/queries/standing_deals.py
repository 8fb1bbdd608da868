"""The deals that come to something in some places of a book, at any moment: a sum over each deal's own postings.

For places that deals pass through, such as stages: only where a deal stands is left. A page reads the newest postings
of each month, and of the deals that it finds there what makes their sum. Where so few deals come to something that no
page of them is near, and to count them, each deal's sum is asked for: at present a process remembers them up to a seal,
of the past while no entry is added to it. A number itself comes from the balances.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ledger.queries import remembered
from ledger.queries.sums_by_deal import SumsByDeal, SumsByScope
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
        FROM (SELECT * FROM ledger_posting h WHERE h.deal_id = candidate.deal_id OFFSET 0) AS p
        WHERE {scope} AND {months}
    ) AS whole WHERE whole.amount <> 0 AND whole.entry < coalesce(%(before)s, 9223372036854775807)
) AS found ON found.entry >= border.entry ORDER BY found.entry DESC
"""
_REPORTED = _DEALS.format(scope=_SCOPE, posted=_MONTHS, months=_MONTHS, amount=_AMOUNT, late="")
_KNOWN = _DEALS.format(scope=_SCOPE, posted=_MONTHS, months=_TRUE_MONTHS, amount=_AMOUNT, late=_LATE)
# What each deal comes to, from every posting of the places in the months that is of a deal which `could`.
_EACH = f"""
SELECT p.deal_id, max(p.entry_id) AS entry, {_AMOUNT}::bigint AS amount FROM {{postings}} p
WHERE {_SCOPE} AND {{months}} {{could}} GROUP BY p.deal_id HAVING {_AMOUNT} <> 0
"""
# Those of some deals are found by the deals. OFFSET 0 keeps the planner from looking through the places as well.
_OF_THESE = """(SELECT h.* FROM (SELECT id FROM touched) AS these, LATERAL (
    SELECT * FROM ledger_posting h WHERE h.deal_id = these.id OFFSET 0) AS h)"""
_COUNT = "SELECT count(*) FROM ({each}) AS found"
_REST = """
SELECT deal_id FROM ({each}) AS found WHERE entry < coalesce(%(before)s, 9223372036854775807)
ORDER BY entry DESC LIMIT %(limit)s
"""
_THESE = f"""
SELECT these.deal_id, deal.title, whole.* FROM unnest(%(deals)s::bigint[]) AS these (deal_id)
JOIN pipeline_deal deal ON deal.id = these.deal_id, LATERAL (
    SELECT (array_agg(p.unit ORDER BY p.id DESC))[1], (array_agg(p.place ORDER BY p.id DESC))[1], {_AMOUNT}::bigint,
        max(p.entry_id) AS entry
    FROM (SELECT * FROM ledger_posting h WHERE h.deal_id = these.deal_id OFFSET 0) AS p WHERE {_SCOPE} AND {{months}}
) AS whole ORDER BY whole.entry DESC
"""
_EACH_NOW = SumsByScope()
_WALKS = 2  # readings along the index, the second of four times as much, before all is read


@dataclass(frozen=True, slots=True)
class Postings:
    """Which postings a number adds up: of some places, by some causes (None: all) `but` some. What stands in `less`
    counts against it. `known`: by the month in which value was true, not by the one that it was posted to. `could`: SQL
    of the deals that alone can come to something; empty where any can."""

    book: str
    places: tuple[str, ...]
    less: tuple[str, ...] = ()
    causes: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()
    known: bool = False
    could: str = ""


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
    return found + _rest(asked, of, before, most - len(found))


def _rest(asked: Asked, of: Postings, before: int | None, most: int) -> list[BookedDeal]:
    if asked.past:
        values = _said(asked, of) | {"before": before, "limit": most}
        numbers = [deal for (deal,) in remembered.rows(_REST.format(each=_each(of)), values, until="as_of")]
    else:
        of_each = (
            (entry, deal)
            for deal, sums in _now(asked, of).deals().items()
            for (entry,), _amount in sums
            if before is None or entry < before
        )
        numbers = [deal for _entry, deal in heapq.nlargest(most, of_each)]
    with connection.cursor() as cursor:
        cursor.execute(_THESE.format(months=_months(of)), _said(asked, of) | {"deals": numbers})
        return [BookedDeal(*row) for row in cursor.fetchall()]


def count(asked: Asked, of: Postings) -> int:
    """How many deals `behind` lists in all."""
    if not asked.past:
        return _now(asked, of).sums().get((), (0, 0))[1]
    found: int = remembered.rows(_COUNT.format(each=_each(of)), _said(asked, of), until="as_of")[0][0]
    return found


def _now(asked: Asked, of: Postings) -> SumsByDeal:
    return _EACH_NOW.of(_each(of), _each(of, _OF_THESE), _said(asked, of) | {"as_of": "infinity"})


def _each(of: Postings, postings: str = "ledger_posting") -> str:
    could = f"AND p.deal_id IN ({of.could})" if of.could else ""
    return _EACH.format(months=_months(of), could=could, postings=postings)


def _months(of: Postings) -> str:
    return _TRUE_MONTHS if of.known else _MONTHS


def _said(asked: Asked, of: Postings) -> dict[str, Any]:
    return {
        "book": of.book, "places": list(of.places), "less": list(of.less), "but": list(of.but),
        "causes": None if of.causes is None else list(of.causes), "as_of": asked.as_of,
        "units": None if asked.units is None else list(asked.units), "since": asked.since, "until": asked.until,
    }  # fmt: skip
