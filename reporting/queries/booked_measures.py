"""Booked and its parts. They share one reading of the postings, so no two of them can disagree."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ledger.rules.money import plain
from ledger.rules.postings import BOOKED, BOOKED_UNDER_WAIVER, BOOKINGS, UNVERIFIED
from reporting.queries import booked, booked_deals, standing_deals
from reporting.queries.booked import Booked
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Answer, Asked, Behind, Measure, month, summed
from reporting.queries.standing_deals import Postings
from reporting.rules.table import MONEY, TEXT, Column, Table

WAYS = ("unit", "period")
SUMS = ("value", "gross", "de_booked", "under_waiver", "unverified_history")
_COLUMNS = (Column("unit", TEXT), Column("period", TEXT), *(Column(name, MONEY) for name in SUMS))


def read(asked: Asked) -> Booked:
    return booked.booked(asked.company, as_of=asked.as_of, period=asked.period, units=asked.units, known=asked.known)


def _table(number: Booked) -> Table:
    """By unit and month with every part, which is how the number is made."""
    rows = [
        (row.unit, month(row.period), *(plain(getattr(row, name), number.currency) for name in SUMS))
        for row in number.rows
    ]
    return Table(_COLUMNS, number.currency, rows)


def _booked(asked: Asked) -> Answer:
    number = asked.once(read)
    count = partial(booked_deals.count_deals, number.moves, as_of=asked.as_of, period=asked.period, units=asked.units)
    return _answer(asked, "value", count, partial(behind, asked), _table(number))


def behind(asked: Asked, before: int | None, most: int) -> list[BookedDeal]:
    """The deals that booked is of, newest entry first. One that came out again in the same months is none of them: it
    is behind what was booked, gross, and behind what was taken out."""
    return standing_deals.behind(asked, Postings(BOOKINGS, (BOOKED,)), before, most)


def _part(name: str, of: Postings) -> Callable[[Asked], Answer]:
    def query(asked: Asked) -> Answer:
        deals = standing_deals
        return _answer(asked, name, partial(deals.count, asked, of), partial(deals.behind, asked, of))

    return query


def _answer(asked: Asked, name: str, count: Callable[[], int], behind: Behind, table: Table | None = None) -> Answer:
    number = asked.once(read)
    return summed(
        (((row.unit, month(row.period)), getattr(row, name)) for row in number.rows),
        WAYS,
        asked,
        position=number.position,
        version=number.definition_version,
        count=count,
        behind=behind,
        table=table,
    )


MEASURES = (
    Measure(
        "booked", "Booked",
        "The value of deals whose booking conditions all hold, attested by sales, operations and finance under the"
        " same terms: gross less what was taken out again.",
        "finance", "What the company may count on, hire for and report.", "money", None, WAYS, _booked,
    ),
    Measure(
        "gross", "Gross booked", "Everything that was booked in a period, before anything was taken out again.",
        "finance", "Whether selling or keeping is what falls short.", "money", None, WAYS,
        _part("gross", Postings(BOOKINGS, (BOOKED,), causes=booked.GROSS)),
    ),
    Measure(
        "de-booked", "De-booked",
        "What was taken out of booked again, in the period in which its condition failed or the customer cancelled.",
        "finance", "Which bookings were signed too early.", "money", None, WAYS,
        _part("de_booked", Postings(BOOKINGS, (BOOKED,), less=(BOOKED,), but=booked.GROSS)),
    ),
    Measure(
        "booked-under-waiver", "Booked under waiver",
        "The value of deals that would be booked, were it not for a condition that is waived; never part of booked.",
        "finance", "Which waivers to repay first.", "money", None, WAYS,
        _part("under_waiver", Postings(BOOKINGS, (BOOKED_UNDER_WAIVER,))),
    ),
    Measure(
        "unverified-history", "Unverified history",
        "What imported history says was won and nobody has proven here; never part of booked.",
        "operations", "Which claims of the past are worth proving.", "money", None, WAYS,
        _part("unverified_history", Postings(BOOKINGS, (UNVERIFIED,))),
    ),
)  # fmt: skip
