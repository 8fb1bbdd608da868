"""A seat as a rule sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SEES_EVERYTHING = ("executive", "steward", "auditor")


@dataclass(frozen=True, slots=True)
class SeatView:
    """`unit` None: the function in every unit."""

    id: int
    function: str
    unit: str | None
    role: str

    def covers(self, unit: str) -> bool:
        return self.unit is None or self.unit == unit


def seats(rows: Iterable[Iterable[object]]) -> tuple[SeatView, ...]:
    """From the [id, function, unit, role] rows of the database."""
    return tuple(SeatView(*row) for row in rows)  # type: ignore[arg-type]


def visible_units(held: Iterable[SeatView]) -> tuple[str, ...] | None:
    """Units whose deals these seats may see; None for every unit. An administrator's seat shows no deal."""
    working = [seat for seat in held if seat.role != "admin"]
    if any(seat.unit is None or seat.role in SEES_EVERYTHING for seat in working):
        return None
    return tuple(sorted({seat.unit for seat in working if seat.unit is not None}))


def holds(held: Iterable[SeatView], function: str, unit: str) -> bool:
    return any(seat.function == function and seat.covers(unit) for seat in held)
