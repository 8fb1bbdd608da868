"""Sums over postings, as they were known at a moment, from cached totals of what is sealed and the postings behind it.

The cost grows with the rows shown and with the logarithm of the record; see docs/adr for the blocks. A bridge between
two moments is the difference of two such sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from ledger.queries import prepared

_KNOWN = """
SELECT known.position, place, period, unit, cause, currency, amount, postings
FROM (SELECT coalesce(ledger_position_at(%(as_of)s), 0) AS position) AS known LEFT JOIN (
    SELECT place, period, unit, cause, currency, sum(amount)::bigint AS amount, sum(postings)::bigint AS postings
    FROM ledger_balance_parts(%(book)s, %(places)s, coalesce(%(since)s, '-infinity'::date),
        coalesce(%(until)s, 'infinity'::date), %(units)s::text[], %(as_of)s)
    GROUP BY place, period, unit, cause, currency
) AS balance ON true ORDER BY unit, period, place, cause, currency
"""


class Balance(NamedTuple):
    """What `postings` of one cause come to; `amount` in minor units of `currency`, which is empty for no money."""

    place: str
    period: date
    unit: str
    cause: str
    currency: str
    amount: int
    postings: int


class Known(NamedTuple):
    """`position` is the newest entry that was known at the moment; 0 before the first."""

    position: int
    balances: tuple[Balance, ...]


def balances(
    book: str,
    places: Sequence[str],
    *,
    as_of: datetime,
    since: date | None = None,
    until: date | None = None,
    units: Sequence[str] | None = None,
) -> Known:
    """By unit, period, place, cause and currency, over periods from `since` to before `until`; None is no bound.

    Exactly the sum over the postings that one snapshot of the database holds, whatever is sealed or still under way.
    """
    said = {"book": book, "places": list(places), "since": since, "until": until, "as_of": as_of}
    with connection.cursor() as cursor:
        prepared.execute(cursor, _KNOWN, said | {"units": None if units is None else list(units)})
        rows = cursor.fetchall()
    return Known(rows[0][0], tuple(Balance(*row[1:]) for row in rows if row[1] is not None))


def position(as_of: datetime) -> int:
    """The newest entry that was known at a moment; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(public.ledger_position_at(%s), 0)", [as_of])
        found: int = cursor.fetchone()[0]
    return found


_LATE = """
SELECT place, period, relates_to, unit, cause, coalesce(currency, ''), sum(amount)::bigint, count(*)
FROM ledger_posting WHERE book = %(book)s AND relates_to IS NOT NULL AND place = ANY (%(places)s)
  AND recorded_at <= %(as_of)s AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s))
  AND relates_to < coalesce(%(until)s, 'infinity'::date) AND period >= coalesce(%(since)s, '-infinity'::date)
GROUP BY 1, 2, 3, 4, 5, 6
"""


def as_known(
    book: str,
    places: Sequence[str],
    *,
    as_of: datetime,
    since: date | None = None,
    until: date | None = None,
    units: Sequence[str] | None = None,
) -> Known:
    """The same by the month in which value was true, where `balances` goes by the month that it was reported in.

    The two differ by what came late into a closed month: few rows, found by an index of their own.
    """
    reported = balances(book, places, as_of=as_of, since=since, until=until, units=units)
    found: dict[tuple[str, date, str, str, str], tuple[int, int]] = {
        (one.place, one.period, one.unit, one.cause, one.currency): (one.amount, one.postings)
        for one in reported.balances
    }

    def move(month: date, place: str, unit: str, cause: str, currency: str, amount: int, count: int) -> None:
        if (since is None or month >= since) and (until is None or month < until):
            key = (place, month, unit, cause, currency)
            was = found.get(key, (0, 0))
            found[key] = was[0] + amount, was[1] + count

    said = {"book": book, "places": list(places), "since": since, "until": until, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(_LATE, said | {"units": None if units is None else list(units)})
        for place, period, true, unit, cause, currency, amount, count in cursor.fetchall():
            move(period, place, unit, cause, currency, -amount, -count)
            move(true, place, unit, cause, currency, amount, count)
    rows = (Balance(*key, *sums) for key, sums in found.items() if sums != (0, 0))
    order = sorted(rows, key=lambda row: (row.unit, row.period, row.place, row.cause, row.currency))
    return Known(reported.position, tuple(order))
