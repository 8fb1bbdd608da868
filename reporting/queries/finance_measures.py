"""Billings, collections, deferred, unbilled and backlog as measures. What stands is read once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ledger.rules.postings import BILLINGS, COLLECTED, INVOICED
from reporting.queries import finance, finance_deals
from reporting.queries.finance import Position
from reporting.queries.finance_deals import Part
from reporting.queries.measuring import Answer, Asked, Measure, summed
from reporting.queries.standing_deals import Postings
from reporting.queries.standing_measures import standing
from reporting.rules.revenue import BOOK as REVENUE
from reporting.rules.revenue import EXPECTED, RECOGNISED

_MOVES = ("unit", "period")
_STANDS = ("unit",)
_PARTS: dict[str, Sequence[Part]] = {
    "deferred": ((BILLINGS, INVOICED, 1), (REVENUE, RECOGNISED, -1)),
    "unbilled": ((REVENUE, EXPECTED, 1), (REVENUE, RECOGNISED, 1), (BILLINGS, INVOICED, -1)),
    "backlog": ((REVENUE, EXPECTED, 1),),
}


def read(asked: Asked) -> Position:
    return finance.stands(asked.as_of, None, asked.units)


def _moved(place: str) -> Callable[[Asked], Answer]:
    return lambda asked: standing(asked, Postings(BILLINGS, (place,)), _MOVES, version=1)


def _stands(name: str) -> Callable[[Asked], Answer]:
    def query(asked: Asked) -> Answer:
        found = asked.once(read)
        return summed(
            (((str(row.unit),), getattr(row, name)) for row in found.rows),
            _STANDS,
            asked,
            position=found.position,
            version=1,
            count=partial(finance_deals.count, asked, _PARTS[name]),
            behind=partial(finance_deals.behind, asked, _PARTS[name]),
        )

    return query


MEASURES = (
    Measure(
        "billings", "Billings", "What was invoiced to customers, less credit notes, in the month of the invoice.",
        "finance", "Whether what was sold is also billed.", "money", 1, _MOVES, _moved(INVOICED),
    ),
    Measure(
        "collected", "Collected", "What customers have paid, in the month of the payment.",
        "finance", "Whether what was billed is also paid.", "money", 1, _MOVES, _moved(COLLECTED),
    ),
    Measure(
        "deferred", "Deferred", "What was invoiced and is not delivered yet: billings less revenue recognised.",
        "finance", "What the company owes its customers in delivery.", "money", 1, _STANDS, _stands("deferred"),
        by_period=False,
    ),
    Measure(
        "unbilled", "Unbilled", "What was delivered or is still to be, and is not invoiced: backlog less deferred.",
        "finance", "What to invoice next.", "money", 1, _STANDS, _stands("unbilled"), by_period=False,
    ),
    Measure(
        "backlog", "Backlog", "What was sold and is not delivered yet: deferred and unbilled together.",
        "operations", "How long the work that is sold lasts, and whom to hire.", "money", 1, _STANDS,
        _stands("backlog"), by_period=False,
    ),
)  # fmt: skip
