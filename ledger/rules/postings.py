"""Postings: signed amounts between places of a book. In a book, the postings of one entry sum to zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

Cause = Literal[
    "new", "advance", "return", "pulled_in", "slipped", "amount", "currency", "won", "lost", "reopened",
    "milestone_miss", "replanned", "crisis", "policy_change", "transfer", "waiver", "prior_period", "cancelled",
]  # fmt: skip

BOOKINGS = "bookings"
CAPACITY = "capacity"
BILLINGS = "billings"
SOURCE = "source"
BOOKED = "booked"
BOOKED_UNDER_WAIVER = "booked-under-waiver"
UNVERIFIED = "unverified-history"
LOST = "lost"
CANCELLED = "cancelled"
INVOICED = "invoiced"
COLLECTED = "collected"


def pipeline_place(stage: str) -> str:
    return f"pipeline/{stage}"


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` in minor units of `currency`, or without currency in units of capacity; `period` is the first day of
    a month. `relates_to` is the closed month in which it was true, where that is another one: see closed.py."""

    book: str
    place: str
    period: date
    unit: str
    deal: int | None
    seat: int | None
    amount: int
    currency: str | None
    cause: Cause
    relates_to: date | None = None

    def as_body(self) -> dict[str, Any]:
        late = {} if self.relates_to is None else {"relates_to": self.relates_to.isoformat()}
        return {
            "book": self.book,
            "place": self.place,
            "period": self.period.isoformat(),
            "unit": self.unit,
            "deal": self.deal,
            "seat": self.seat,
            "amount": self.amount,
            "currency": self.currency,
            "cause": self.cause,
            **late,
        }


class Position(NamedTuple):
    """Where the value of one deal stands in the bookings book."""

    place: str
    period: date
    unit: str
    seat: int
    value: int


def move(
    deal: int,
    was: Position | None,
    now: Position | None,
    cause: Cause,
    currency: str,
    *,
    revalued: Cause = "amount",
    out_period: date | None = None,
) -> tuple[Posting, ...]:
    """The postings that take a deal's value from one position to another.

    Nothing yet, or no more, is the place `source`. A value that changes on the way comes from `source` with
    the cause `revalued`. `out_period` takes the value out in another month than the one it went into: a
    de-booking belongs to the period of its own event. What stays where it is makes no lines. The result sums to
    zero.
    """
    lines: list[Posting] = []

    def line(place: str, period: date, at: Position, amount: int, why: Cause) -> None:
        if amount:
            lines.append(Posting(BOOKINGS, place, period, at.unit, deal, at.seat, amount, currency, why))

    leaving = was and (was.place, out_period or was.period, was.unit, was.seat)
    if was is not None and now is not None and leaving == (now.place, now.period, now.unit, now.seat):
        line(SOURCE, now.period, now, was.value - now.value, revalued)
        line(now.place, now.period, now, now.value - was.value, revalued)
        return tuple(lines)
    if was is not None:
        line(was.place, out_period or was.period, was, -was.value, cause)
    else:
        assert now is not None
        line(SOURCE, now.period, now, -now.value, cause)
    if now is None:
        assert was is not None
        line(SOURCE, out_period or was.period, was, was.value, cause)
        return tuple(lines)
    carried = was.value if was is not None else now.value
    line(now.place, now.period, now, carried, cause)
    line(SOURCE, now.period, now, -(now.value - carried), revalued)
    line(now.place, now.period, now, now.value - carried, revalued)
    return tuple(lines)


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def imbalance(postings: Iterable[Posting]) -> dict[tuple[str, str | None], int]:
    """What does not sum to zero, by book and currency; empty when all is well."""
    sums: dict[tuple[str, str | None], int] = {}
    for posting in postings:
        sums[posting.book, posting.currency] = sums.get((posting.book, posting.currency), 0) + posting.amount
    return {key: total for key, total in sums.items() if total}
