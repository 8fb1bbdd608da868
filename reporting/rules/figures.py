"""The figures of a month as they are signed, closed and restated: one row for each unit and measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from ledger.rules import postings
from reporting.rules import revenue

# Measure → whether it is what stands at the end of the month, rather than what moved in it.
MEASURES = {
    "bookings": False, "under_waiver": False, "billings": False, "collected": False, "revenue": False,
    "deferred": True, "unbilled": True, "backlog": True,
}  # fmt: skip
Figure = Mapping[str, Any]


class Part(NamedTuple):
    """What stands in a place of a book in the months from `since` to before `until`; +1 or −1."""

    book: str
    place: str
    sign: int
    since: date
    until: date


_MOVED = {
    "bookings": (postings.BOOKINGS, postings.BOOKED), "under_waiver": (postings.BOOKINGS, postings.BOOKED_UNDER_WAIVER),
    "billings": (postings.BILLINGS, postings.INVOICED), "collected": (postings.BILLINGS, postings.COLLECTED),
    "revenue": (revenue.BOOK, revenue.RECOGNISED),
}  # fmt: skip


def parts(measure: str, month: date, end: date) -> list[Part]:
    """Whose postings a figure of a month adds up; `end` is the first day after it. What stands at its end is what
    stood there by then, and of the backlog what is expected still, or was recognised since, without what was booked
    since."""
    by_end, since = (date.min, end), (end, date.max)
    if measure in _MOVED:
        return [Part(*_MOVED[measure], 1, month, end)]
    if measure == "deferred":
        return [
            Part(postings.BILLINGS, postings.INVOICED, 1, *by_end),
            Part(revenue.BOOK, revenue.RECOGNISED, -1, *by_end),
        ]
    backlog = [
        Part(revenue.BOOK, revenue.EXPECTED, 1, date.min, date.max),
        Part(revenue.BOOK, revenue.RECOGNISED, 1, *since),
        Part(postings.BOOKINGS, postings.BOOKED, -1, *since),
    ]
    if measure == "unbilled":
        return backlog + [part._replace(sign=-part.sign) for part in parts("deferred", month, end)]
    return backlog


def figures(moved: Iterable[Any], stands: Iterable[Any]) -> list[dict[str, Any]]:
    """From sums by unit (`reporting.queries.finance.Sums`): what moved in the month, and what stands at its end.
    `amount_minor` in the reporting currency; what is nothing is left out."""
    found = []
    for rows, at_end in ((moved, False), (stands, True)):
        for row in rows:
            for name, stock in MEASURES.items():
                amount = getattr(row, name)
                if stock == at_end and amount:
                    found.append({"unit": row.unit, "measure": name, "amount_minor": amount})
    return sorted(found, key=lambda one: (one["unit"], list(MEASURES).index(one["measure"])))


def totals(said: Sequence[Figure], units: Sequence[str] | None = None) -> dict[str, int]:
    """Every measure over some units; None is all of them."""
    sums = dict.fromkeys(MEASURES, 0)
    for one in said:
        if units is None or one["unit"] in units:
            sums[one["measure"]] += one["amount_minor"]
    return sums
