"""The figures of a month as they are signed, closed and restated: one row for each unit and measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Measure → whether it is what stands at the end of the month, rather than what moved in it.
MEASURES = {
    "bookings": False, "under_waiver": False, "billings": False, "collected": False, "revenue": False,
    "deferred": True, "unbilled": True, "backlog": True,
}  # fmt: skip
Figure = Mapping[str, Any]


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
