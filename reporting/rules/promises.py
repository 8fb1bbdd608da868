"""A promise of delivery: the day that was promised at booking, the one that is feasible now, the one it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["kept", "late", "behind", "open"]
STATES: tuple[State, ...] = ("kept", "late", "behind", "open")


@dataclass(frozen=True, slots=True)
class Promise:
    """`value` in minor units of the reporting currency. `estimated`: feasible by the system's estimate, because an
    overdue milestone has no new date. `delivered`: the day on which the last milestone that delivery hangs on was
    verified; None while one is owed, or where the policy names none."""

    deal: int
    title: str
    unit: str
    value: int
    promised: date
    feasible: date
    delivered: date | None
    estimated: bool
    entry: int

    @property
    def state(self) -> State:
        if self.delivered is not None:
            return "kept" if self.delivered <= self.promised else "late"
        return "behind" if self.feasible > self.promised else "open"

    @property
    def days(self) -> int:
        """How far delivery is from its promise: above zero late, below it early."""
        return ((self.delivered or self.feasible) - self.promised).days


def delivered(blocking: Mapping[str, date | None]) -> date | None:
    """The last day of what delivery hangs on; `blocking`: milestone → the day it was verified, None while owed."""
    days = [day for day in blocking.values() if day is not None]
    return max(days) if days and len(days) == len(blocking) else None
