"""The bridge of the open pipeline between two moments: what moved every deal, netted deal by deal in the database.

Reads the moves of the pipeline by an index that leaves out what never crosses a border; opening and closing are sums of
balances, so that the identity of a bridge is a check and not a definition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries import balances, moment, remembered
from ledger.rules.money import to_decimal
from ledger.rules.postings import BOOKINGS
from pipeline.queries.deals import ref_of
from reporting.queries import places
from reporting.queries.measuring import Asked
from reporting.rules.bridge import STAYED, Bridge, Ends, Way, bucket, split

# The tables themselves and not their past: both moments are arguments here.
# One row a deal (and unit, when they are told apart): what its events between the moments net to, and the way it took.
# Arrays in one order only, so that events are sorted once: the last of one is found by its number.
# By the month in which a deal is expected: the index has what was posted, and the few entries that came late into a
# closed month, of which lines stand elsewhere, are read one by one.
_IN = """p.book = 'bookings' AND p.place LIKE 'pipeline/%%' AND p.cause <> 'advance'
      AND p.recorded_at > %(since)s AND p.recorded_at <= %(until)s
      AND (%(units)s::text[] IS NULL OR p.unit = ANY (%(units)s))"""
_TRUE = """coalesce(p.relates_to, p.period) >= coalesce(%(first)s, '-infinity'::date)
      AND coalesce(p.relates_to, p.period) < coalesce(%(last)s, 'infinity'::date)"""
_TOUCHED = f"""
WITH late AS MATERIALIZED (
    SELECT DISTINCT p.entry_id FROM public.ledger_posting p WHERE {_IN} AND p.relates_to IS NOT NULL
), moved AS (
    SELECT p.deal_id, p.entry_id, p.unit, p.cause, p.amount FROM public.ledger_posting p
    WHERE {_IN} AND p.entry_id NOT IN (SELECT entry_id FROM late)
      AND p.period >= coalesce(%(first)s, '-infinity'::date) AND p.period < coalesce(%(last)s, 'infinity'::date)
    UNION ALL
    SELECT p.deal_id, p.entry_id, p.unit, p.cause, p.amount
    FROM late JOIN public.ledger_posting p ON p.entry_id = late.entry_id WHERE {_IN} AND {_TRUE}
), event AS (
    SELECT p.deal_id, CASE WHEN %(apart)s THEN p.unit ELSE '' END AS part, p.entry_id, sum(p.amount) AS delta,
        coalesce(sum(p.amount) FILTER (WHERE p.cause NOT IN ('amount', 'currency')), 0) AS crossing,
        max(p.cause) FILTER (WHERE p.cause NOT IN ('amount', 'currency')) AS why,
        bool_or(p.cause = 'amount') AS amended
    FROM moved p GROUP BY 1, 2, 3
), touched AS MATERIALIZED (
    SELECT deal_id, part, sum(delta)::bigint AS net, sum(abs(delta))::bigint AS turnover,
        (array_agg(crossing ORDER BY entry_id))[1] <= 0 AS was_in,
        coalesce((array_agg(why ORDER BY entry_id) FILTER (WHERE crossing <> 0))[
            (count(*) FILTER (WHERE crossing <> 0))::int], '') AS last,
        (array_agg(crossing > 0 ORDER BY entry_id) FILTER (WHERE crossing <> 0))[
            (count(*) FILTER (WHERE crossing <> 0))::int] AS inside,
        coalesce(bool_or(why = 'new' AND crossing > 0), false) AS fresh,
        bool_or(amended OR crossing <> 0) AS amended,
        coalesce(max(entry_id) FILTER (WHERE crossing <> 0), max(entry_id)) AS entry
    FROM event GROUP BY deal_id, part
), missed AS MATERIALIZED (
    SELECT stream, min(id) AS id, {{whose}} AS function FROM public.ledger_entry
    WHERE kind IN ('milestone.missed', 'handshake.missed') AND recorded_at > %(since)s AND recorded_at <= %(until)s
    GROUP BY stream
), told AS (
    SELECT touched.*, coalesce(CASE WHEN missed.id < touched.entry THEN missed.function END, '') AS missed
    FROM touched LEFT JOIN missed ON missed.stream = 'deal/' || touched.deal_id
)
"""
# Which function missed first: read from the entry itself, where it is asked for.
_SOMEBODY = "'somebody'"
_FUNCTION = "(array_agg(convert_from(envelope, 'UTF8')::jsonb #>> '{body,function}' ORDER BY id))[1]"
_GROUPS = """
SELECT part, was_in, last, inside, fresh, amended, missed, sum(net)::bigint, sum(turnover)::bigint,
    count(*) FILTER (WHERE net <> 0), null::bigint
FROM told WHERE NOT (was_in AND coalesce(inside, true) AND amended AND net <> 0) GROUP BY 1, 2, 3, 4, 5, 6, 7
UNION ALL
SELECT part, was_in, last, inside, fresh, amended, missed, net, turnover, 1, deal_id
FROM told WHERE was_in AND coalesce(inside, true) AND amended AND net <> 0
"""
# A deal that stayed: its value in the scope at the first moment, and its amount at both.
_ENDS = f"""
SELECT one.deal, one.part, (
    SELECT coalesce(sum(p.amount), 0)::bigint FROM public.ledger_posting p
    WHERE p.deal_id = one.deal AND p.book = 'bookings' AND p.place LIKE 'pipeline/%%' AND p.recorded_at <= %(since)s
      AND {_TRUE} AND (%(units)s::text[] IS NULL OR p.unit = ANY (%(units)s)) AND one.part IN ('', p.unit)
), before.amount_minor, before.currency, after.amount_minor, after.currency
FROM unnest(%(deals)s::bigint[], %(parts)s::text[]) AS one (deal, part)
LEFT JOIN LATERAL (
    SELECT amount_minor, currency FROM public.ledger_entry WHERE stream = 'deal/' || one.deal AND stage IS NOT NULL
      AND recorded_at <= %(since)s ORDER BY recorded_at DESC LIMIT 1
) AS before ON true LEFT JOIN LATERAL (
    SELECT amount_minor, currency FROM public.ledger_entry WHERE stream = 'deal/' || one.deal AND stage IS NOT NULL
      AND recorded_at <= %(until)s ORDER BY recorded_at DESC LIMIT 1
) AS after ON true
"""
_DEALS = """
SELECT told.deal_id, s.unit, told.net, told.entry
FROM told JOIN public.pipeline_dealstate s ON s.deal_id = told.deal_id
WHERE told.net <> 0 AND (told.was_in, told.last, coalesce(told.inside, told.was_in), told.fresh, told.amended) IN (
    SELECT * FROM unnest(%(was_in)s::bool[], %(lasts)s::text[], %(inside)s::bool[], %(fresh)s::bool[],
        %(amended)s::bool[]))
  AND (%(missed)s::text[] IS NULL OR told.missed = ANY (%(missed)s))
  AND told.entry < coalesce(%(before)s, 9223372036854775807)
ORDER BY told.entry DESC LIMIT %(limit)s
"""


# Every deal that moved, by what it moved in the net, or back and forth.
_MOVED = """
SELECT told.deal_id, s.unit, told.{amount}, told.entry
FROM told JOIN public.pipeline_dealstate s ON s.deal_id = told.deal_id
WHERE told.{amount} <> 0 AND told.entry < coalesce(%(before)s, 9223372036854775807)
ORDER BY told.entry DESC LIMIT %(limit)s
"""

NET, TURNOVER = "moved", "churn"  # lists of all that moved, beside those of the buckets
OWNERS = "sales"
_MISSING = ("slipped", "lost")  # the buckets that a missed milestone subdivides
_END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)


class Group(NamedTuple):
    """Deals that took one way; a deal that must be split stands alone, with its number."""

    part: str
    way: Way
    missed: str  # the function whose milestone was missed before the deal moved; empty where none was
    net: int
    turnover: int
    deals: int
    deal: int | None


@dataclass(frozen=True, slots=True)
class Between:
    """The bridge of a scope from `since` to the moment of `asked`, and that of each of its parts by unit."""

    asked: Asked
    since: datetime
    whole: Bridge
    units: dict[str, Bridge]
    functions: dict[str, Bridge]  # without opening and closing: a deal belongs to no one function
    position: int


class MovedDeal(NamedTuple):
    """One deal behind a bucket, with the entry that moved it last."""

    deal: int
    title: str
    unit: str
    amount: int
    entry: int

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


def between(asked: Asked, since: datetime) -> Between:
    """`asked.period` None is every month of expected close. One snapshot, so it adds up while others write.

    `asked.by` may name unit and function. By unit, what moves from one unit to another is `transferred` in both; of
    the whole, it moved nowhere. By function: the one whose milestone was missed before a deal slipped or was lost, and
    sales for all that the owners of deals do.
    """
    with moment.one_snapshot():
        before, after = _standing(asked, since), _standing(asked, asked.as_of)
        groups = _groups(asked, since, named="function" in asked.by)
        whole = _bridge(asked, since, groups, sum(before[1].values()), sum(after[1].values()))
        functions = _functions(asked, since, groups) if "function" in asked.by else {}
        units: dict[str, Bridge] = {}
        if "unit" in asked.by:
            apart = _groups(asked, since, apart=True)
            for unit in sorted({*before[1], *after[1], *(group.part for group in apart)}):
                mine = [group for group in apart if group.part == unit]
                units[unit] = _bridge(asked, since, mine, before[1].get(unit, 0), after[1].get(unit, 0))
    return Between(asked, since, whole, units, functions, after[0])


def _standing(asked: Asked, at: datetime) -> tuple[int, dict[str, int]]:
    """(newest position known, value of the open pipeline by unit) at a moment."""
    stages = [place for place in asked.once(_places) if place.startswith("pipeline/")]
    known = balances.as_known(BOOKINGS, stages, as_of=at, since=asked.since, until=asked.until, units=asked.units)
    sums: dict[str, int] = {}
    for one in known.balances:
        sums[one.unit] = sums.get(one.unit, 0) + one.amount
    return known.position, sums


def _places(asked: Asked) -> tuple[str, ...]:
    return places.known(BOOKINGS)


def _functions(asked: Asked, since: datetime, groups: Sequence[Group]) -> dict[str, Bridge]:
    def whose(group: Group) -> str:
        return group.missed if group.missed and bucket(group.way) in _MISSING else OWNERS

    names = {whose(group) for group in groups}
    return {
        name: _bridge(asked, since, [group for group in groups if whose(group) == name], 0, 0) for name in sorted(names)
    }


def _groups(asked: Asked, since: datetime, *, apart: bool = False, named: bool = False) -> tuple[Group, ...]:
    rows = remembered.rows(
        _TOUCHED.replace("{whose}", _FUNCTION if named else _SOMEBODY) + _GROUPS,
        _said(asked, since, apart),
        until="until",
    )
    return tuple(Group(row[0], Way(*row[1:6]), *row[6:]) for row in rows)


def _bridge(asked: Asked, since: datetime, groups: Sequence[Group], opening: int, closing: int) -> Bridge:
    found = Bridge(opening, closing)
    for group in groups:
        found.turnover += group.turnover
        if group.net and group.deal is None:
            name = bucket(group.way)
            found.add(name or "", group.net, group.deals, _because(group, name))
    for parts in _split(asked, since, [group for group in groups if group.deal is not None]).values():
        for name, amount in parts.items():
            found.add(name, amount, 1)
    return found


def _because(group: Group, name: str | None) -> str:
    """What subdivides the bucket of a deal that slipped or was lost."""
    if name not in _MISSING:
        return ""
    if group.way.last in ("milestone_miss", "crisis"):
        return group.way.last
    return "milestone_miss" if group.missed else "other"


def _split(asked: Asked, since: datetime, stayed: Sequence[Group]) -> dict[tuple[int, str], dict[str, int]]:
    if not stayed:
        return {}
    net = {(group.deal, group.part): group.net for group in stayed}
    said = _said(asked, since, False) | {"deals": [deal for deal, _ in net], "parts": [part for _, part in net]}
    return {
        (deal, part): split(Ends(value, value + net[deal, part], _amount(*row[:2]), _amount(*row[2:])))
        for deal, part, value, *row in remembered.rows(_ENDS, said, until="until")
    }


def _amount(minor: int | None, currency: str | None) -> Decimal | None:
    return None if minor is None or currency is None else to_decimal(minor, currency)


def behind(
    asked: Asked, since: datetime, name: str, *, unit: str = "", function: str = "", before: int | None = None,
    limit: int = 50,
) -> list[MovedDeal]:  # fmt: skip
    """The deals of a bucket, the newest move first; their amounts sum to it. `unit`, `function`: of the bridge of
    that one. Of `NET` every deal that moved, and of `TURNOVER` by all that it moved back and forth."""
    if unit:
        asked = replace(asked, units=(unit,))
    if name in (NET, TURNOVER):
        query = _MOVED.replace("{amount}", "net" if name == NET else "turnover")
        return _titled(asked, since, query, {"before": before, "limit": limit})
    missed: list[str] | None = None
    if function and name in _MISSING:
        missed = ["", OWNERS] if function == OWNERS else [function]
    elif function not in ("", OWNERS):
        return []
    groups = _groups(asked, since)
    alone = _alone(asked, since, name, groups) if name in (*STAYED, "unpriced") else []
    ways = {group.way for group in groups if group.deal is None and bucket(group.way) == name}
    rows = _of_ways(asked, since, ways, before, limit, missed) if ways else []
    found = rows + [row for row in alone if before is None or row.entry < before]
    return sorted(found, key=lambda row: -row.entry)[:limit]


def entered_since(asked: Asked) -> int:
    """How many more deals stand in the scope at present than did at the moment of `asked`."""
    now = replace(asked, as_of=_END_OF_TIME)
    groups = _groups(now, asked.as_of)
    came = sum(group.deals * (group.way.is_in - group.way.was_in) for group in groups if group.deal is None)
    stayed = [group for group in groups if group.deal is not None]
    return came - sum("unpriced" in parts for parts in _split(now, asked.as_of, stayed).values())


def _alone(asked: Asked, since: datetime, name: str, groups: Sequence[Group]) -> list[MovedDeal]:
    """The deals that were split, with their part of this bucket."""
    parts = _split(asked, since, [group for group in groups if group.deal is not None])
    amounts = {deal: found[name] for (deal, _part), found in parts.items() if name in found}
    if not amounts:
        return []
    stayed = {group.way for group in groups if group.deal is not None}
    rows = _of_ways(asked, since, stayed, None, 10**6)
    return [row._replace(amount=amounts[row.deal]) for row in rows if row.deal in amounts]


def _of_ways(
    asked: Asked, since: datetime, ways: set[Way], before: int | None, limit: int, missed: list[str] | None = None
) -> list[MovedDeal]:
    """`missed`: only after a milestone of one of these functions was missed, or of none ("")."""
    listed = sorted(ways, key=str)
    said = {
        "was_in": [way.was_in for way in listed], "lasts": [way.last for way in listed],
        "inside": [way.is_in for way in listed], "fresh": [way.fresh for way in listed],
        "amended": [way.amended for way in listed], "before": before, "limit": limit, "missed": missed,
    }  # fmt: skip
    return _titled(asked, since, _DEALS, said, _FUNCTION if missed else _SOMEBODY)


def _titled(
    asked: Asked, since: datetime, query: str, said: Mapping[str, Any], whose: str = _SOMEBODY
) -> list[MovedDeal]:
    whole = {**_said(asked, since, False), **said}
    rows = remembered.rows(_TOUCHED.replace("{whose}", whose) + query, whole, until="until")
    with connection.cursor() as cursor:  # titles can be erased: they are not remembered
        cursor.execute("SELECT id, title FROM pipeline_deal WHERE id = ANY (%s)", [[deal for deal, *_ in rows]])
        titles = dict(cursor.fetchall())
    return [MovedDeal(deal, titles[deal], *row) for deal, *row in rows]


def _said(asked: Asked, since: datetime, apart: bool) -> dict[str, Any]:
    return {
        "since": since, "until": asked.as_of, "first": asked.since, "last": asked.until, "apart": apart,
        "units": None if asked.units is None else list(asked.units),
    }  # fmt: skip
