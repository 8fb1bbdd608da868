"""What promise, plan and books do not agree on, as a measure."""

from __future__ import annotations

from functools import partial

from governance.queries import breaks
from governance.queries.breaks import Line
from ledger.queries import balances
from ledger.rules.money import plain
from pipeline.queries.deals import ref_of
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Answer, Asked, Measure, month, summed
from reporting.rules.table import MONEY, TEXT, Column, Table

WAYS = ("unit", "period", "function", "sort")
_SAID = ("sold", "promised", "planned", "invoiced", "collected")
_COLUMNS = (
    Column("deal", TEXT), *(Column(way, TEXT) for way in WAYS), *(Column(name, MONEY) for name in _SAID),
    Column("value", MONEY),
)  # fmt: skip


def _breaks(asked: Asked) -> Answer:
    with asked.reading():
        found = breaks.lines(asked.units, asked.since, asked.until)
    return summed(
        (((one.unit, month(one.month), one.function, one.sort), one.amount) for one in found),
        WAYS,
        asked,
        position=balances.position(asked.as_of),
        version=1,
        count=partial(_count, asked),
        behind=partial(_behind, asked),
        table=_table(found, asked.company.currency),
    )


def _table(lines: list[Line], currency: str) -> Table:
    """Every break with what the three say of its deal."""
    rows = [
        (ref_of(one.deal), one.unit, month(one.month), one.function, one.sort,
         *(plain(one.facts[name], currency) for name in _SAID), plain(one.amount, currency))
        for one in lines
    ]  # fmt: skip
    return Table(_COLUMNS, currency, rows)


def _count(asked: Asked) -> int:
    with asked.reading():
        return breaks.count_deals(asked.units, asked.since, asked.until)


def _behind(asked: Asked, before: int | None, most: int) -> list[BookedDeal]:
    """The place of a deal is which sorts of break it has."""
    with asked.reading():
        return [BookedDeal(*row) for row in breaks.deals(asked.units, asked.since, asked.until, before, most)]


MEASURES = (
    Measure(
        "breaks", "Breaks",
        "How far promise, plan and books part on deals, in the month in which they first do: the breaks that the daily"
        " reconciliation found and that are open.",
        "finance", "What to mend before a month is closed.", "money", 1, WAYS, _breaks,
    ),
)  # fmt: skip
