"""What a forecast projects against what units can deliver (DESIGN.md 6, the regional case)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from governance.rules.capacity import MonthLoad, Supply, month_after

Taken = Mapping[tuple[str, date], int]  # (unit, first day of a month) → units that are promised, soft and confirmed


class Projected(NamedTuple):
    """Units that a forecast expects to deliver in a month of a unit, beyond what is promised, and their value in
    minor units of the reporting currency."""

    unit: str
    month: date
    units: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class Excess:
    """A month whose ceiling a forecast goes over. `lost_minor`: the value of the units that do not fit."""

    unit: str
    row: MonthLoad
    lost_minor: int

    def facts(self) -> dict[str, Any]:
        """For the entry: what it was computed from, and what came out."""
        return facts(self.row)


def facts(row: MonthLoad) -> dict[str, Any]:
    return {
        "month": row.month, "available": row.available, "limit": row.limit, "taken": row.confirmed,
        "projected": row.wanted, "over": row.over, "fulfillable": row.fulfillable,
    }  # fmt: skip


def row_of(said: Mapping[str, Any]) -> MonthLoad:
    """From the facts of an entry."""
    month = date.fromisoformat(said["month"])
    return MonthLoad(month, said["available"], said["limit"], said["taken"], said["projected"])


def excesses(projected: Iterable[Projected], supplies: Mapping[str, Supply], taken: Taken) -> list[Excess]:
    """The months in which load = promised + projected goes over ceiling × available, by unit and month."""
    sums: dict[tuple[str, date], list[int]] = {}
    for one in projected:
        known = sums.setdefault((one.unit, one.month), [0, 0])
        known[0] += one.units
        known[1] += one.value_minor
    found = []
    for (unit, month), (units, value) in sorted(sums.items()):
        supply = supplies[unit]
        row = MonthLoad(month, supply.available(month), supply.limit(month), taken.get((unit, month), 0), units)
        if row.over and units > 0:
            found.append(Excess(unit, row, value * row.unfulfillable // units))
    return found


def about(unit: str, month: date, period: str) -> str:
    """One alert for each of these, however often a forecast is submitted."""
    return f"capacity/{unit}/{month:%Y-%m}/{period}"


def is_past(month: date, today: date) -> bool:
    return month_after(month) <= today


def still_over(row: MonthLoad, today: date) -> bool:
    """Whether a month goes over its ceiling and something can be done about it: one that has passed is past help."""
    return row.over > 0 and not is_past(row.month, today)


def month_of(said: str) -> date:
    """The month that `about` names."""
    return date.fromisoformat(f"{said.split('/')[2]}-01")
