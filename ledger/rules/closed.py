"""What a closed month does to postings: they go to the first open month, and say which month they relate to.

Every other rule works in the months in which things were true. So the sum by `relates_to`, or else by `period`, is what
is known now; the sum by `period` alone is what was reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from ledger.rules.postings import CAPACITY, Posting, first_of_month

Closed = Mapping[date, datetime]  # first day of a month → when it was closed


def open_month(month: date, closed: Closed, at: datetime) -> date:
    """The first month from `month` on that was not closed at `at`."""
    while month in closed and closed[month] <= at:
        month = first_of_month(month + timedelta(days=31))
    return month


def carried(lines: Iterable[Posting], closed: Closed, at: datetime) -> tuple[Posting, ...]:
    """The lines as they may be posted at `at`. Units of capacity are no money: their months are not closed."""
    return tuple(_carried(line, closed, at) for line in lines)


def _carried(line: Posting, closed: Closed, at: datetime) -> Posting:
    month = open_month(line.period, closed, at)
    if line.book == CAPACITY or month == line.period:
        return line
    return replace(line, period=month, relates_to=line.period)


def may_lie_in_a_closed_month(lines: Iterable[Posting], at: datetime) -> bool:
    """A month is closed after its end, so nothing else needs to ask. The day more is for zones east of UTC."""
    this = first_of_month((at + timedelta(days=1)).date())
    return any(line.period < this for line in lines)
