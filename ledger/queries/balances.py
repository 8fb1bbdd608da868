"""Sums over postings, as they were known at a moment, from cached totals of what is sealed and the postings behind it.

The cost grows with the rows shown and with the logarithm of the record; see docs/adr for the blocks. A bridge between
two moments is the difference of two such sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.queries import prepared, sealed_sums
from ledger.queries.sealed_sums import Balance, Known, Question, one_reading

__all__ = ["Balance", "Known", "as_known", "balances", "one_reading", "position"]

_KNOWN = """
SELECT known.position, place, period, unit, cause, currency, amount, postings
FROM (SELECT coalesce(ledger_position_at(%(as_of)s), 0) AS position) AS known LEFT JOIN (
    SELECT place, period, unit, cause, currency, sum(amount)::bigint AS amount, sum(postings)::bigint AS postings
    FROM ledger_balance_parts(%(book)s, %(places)s, coalesce(%(since)s, '-infinity'::date),
        coalesce(%(until)s, 'infinity'::date), %(units)s::text[], %(as_of)s)
    GROUP BY place, period, unit, cause, currency
) AS balance ON true
"""


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
    asked = Question(book, tuple(places), since, until, None if units is None else tuple(units))
    return sealed_sums.known(asked, as_of, lambda: _read(asked, as_of))


def _read(asked: Question, as_of: datetime) -> Known:
    rows = prepared.rows(_KNOWN, _said(asked, as_of))
    return Known(rows[0][0], sealed_sums.in_order(tuple(Balance(*row[1:]) for row in rows if row[1] is not None)))


def _said(asked: Question, as_of: datetime) -> dict[str, Any]:
    return {
        "book": asked.book, "places": list(asked.places), "since": asked.since, "until": asked.until, "as_of": as_of,
        "units": None if asked.units is None else list(asked.units),
    }  # fmt: skip


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
    asked = Question(book, tuple(places), since, until, None if units is None else tuple(units), as_known=True)
    return sealed_sums.known(asked, as_of, lambda: _read_as_known(asked, as_of))


def _read_as_known(asked: Question, as_of: datetime) -> Known:
    reported = _read(asked, as_of)
    found: dict[tuple[str, date, str, str, str], tuple[int, int]] = {
        (one.place, one.period, one.unit, one.cause, one.currency): (one.amount, one.postings)
        for one in reported.balances
    }

    def move(month: date, place: str, unit: str, cause: str, currency: str, amount: int, count: int) -> None:
        if asked.covers(month):
            key = (place, month, unit, cause, currency)
            was = found.get(key, (0, 0))
            found[key] = was[0] + amount, was[1] + count

    with connection.cursor() as cursor:
        cursor.execute(_LATE, _said(asked, as_of))
        for place, period, true, unit, cause, currency, amount, count in cursor.fetchall():
            move(period, place, unit, cause, currency, -amount, -count)
            move(true, place, unit, cause, currency, amount, count)
    rows = tuple(Balance(*key, *sums) for key, sums in found.items() if sums != (0, 0))
    return Known(reported.position, sealed_sums.in_order(rows))
