"""Who may reserve, confirm and give back capacity; what a refused reservation says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from governance.rules.capacity import MonthLoad
from governance.rules.verification import Refusal
from ledger.rules.actor import Actor
from pipeline.rules.deal import DealView
from pipeline.rules.seats import SeatView, holds

OPERATIONS = "operations"
PROVING = (OPERATIONS, "finance")  # who says that an expansion is ordered indeed
LEAD_DAYS = 75  # days from the order of an expansion to its use, where the policy names no other
SOFT_DAYS = 14  # days that a soft reservation lasts, where the policy names no other


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reservation would make of each delivery month. `over` is empty when it fits."""

    months: tuple[MonthLoad, ...]
    start_on: date
    earliest: date | None
    order_by: date
    held: frozenset[date] = frozenset()  # months that the deal holds already: they take nothing more

    @property
    def over(self) -> tuple[MonthLoad, ...]:
        return tuple(row for row in self.months if row.over and row.month not in self.held)

    @property
    def fits(self) -> bool:
        return not self.over

    def facts(self) -> dict[str, Any]:
        """As the record keeps a refusal."""
        return {
            "over": [[row.month.isoformat(), row.over] for row in self.over],
            "start_on": self.start_on.isoformat(),
            "earliest": self.earliest and self.earliest.isoformat(),
            "order_by": self.order_by.isoformat(),
        }

    def extra(self) -> dict[str, Any]:
        """For a problem."""
        rows = [
            {"month": row.month.isoformat(), "over": row.over, "load": row.load, "limit": row.limit}
            for row in self.over
        ]
        return {
            "over": rows,
            "earliest_start": self.earliest and self.earliest.isoformat(),
            "order_by": self.order_by.isoformat(),
        }


def days(thresholds: Any, key: str, otherwise: int) -> int:
    return int(thresholds.get(key, Decimal(otherwise)))


def reserving(
    by: Actor, seats: Sequence[SeatView], deal: DealView, function: str, paid: Iterable[int]
) -> Refusal | None:
    """The owner and the sales managers of the unit reserve, and operations; where the policy names another function
    than sales, somebody of it who gains nothing by the deal."""
    sells = by.person == deal.owner_person or any(
        seat.role == "manager" and seat.function == "sales" and seat.covers(deal.unit) for seat in seats
    )
    ours = [OPERATIONS] + [function] * (function != "sales")
    if not sells and not any(holds(seats, one, deal.unit) for one in ours):
        return Refusal(
            "CAP-ACT-1", f"Capacity of {deal.ref} is reserved by its owner, its sales manager or operations.", False
        )
    if function != "sales" and set(by.people) & {deal.owner_person, *paid}:
        return Refusal("CAP-ACT-2", f"This policy lets {function} reserve, and you gain by the deal.")
    return None


def confirming(by: Actor, seats: Sequence[SeatView], deal: DealView, paid: Iterable[int]) -> Refusal | None:
    """Operations of the unit, and nobody who gains by the deal."""
    if not holds(seats, OPERATIONS, deal.unit):
        return Refusal("CAP-ACT-3", f"Capacity is confirmed by operations in {deal.unit}. You hold no seat there.")
    if set(by.people) & {deal.owner_person, *paid}:
        return Refusal("CAP-ACT-4", "You gain by this deal, so another person confirms its capacity.")
    return None


def ordering(seats: Sequence[SeatView], unit: str) -> Refusal | None:
    if holds(seats, OPERATIONS, unit):
        return None
    return Refusal("CAP-ACT-5", f"An expansion is ordered and withdrawn by operations in {unit}.", False)


def proving(by: Actor, seats: Sequence[SeatView], unit: str, ordered_by: int) -> Refusal | None:
    """Somebody else than who ordered it, of operations or finance."""
    if not any(holds(seats, function, unit) for function in PROVING):
        return Refusal("CAP-ACT-6", f"An expansion is verified by operations or finance in {unit}.")
    if ordered_by in by.people:
        return Refusal("CAP-ACT-7", "You ordered this expansion, so another person verifies it.")
    return None
