"""Capacity with lead time: what a unit can deliver in a month, what it has promised, and when more would fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import floor

CEILING = Decimal("0.95")
HORIZON = 60  # months in which an earliest start is looked for

Months = Mapping[date, int]  # first day of a month → units


@dataclass(frozen=True, slots=True)
class Expansion:
    """More units a month, from the first full month after order and lead time; it counts once it is verified."""

    units: int
    ordered_on: date
    lead_days: int
    verified: bool = True

    @property
    def ready_on(self) -> date:
        return self.ordered_on + timedelta(days=self.lead_days)


@dataclass(frozen=True, slots=True)
class Supply:
    """What a unit has: its base, its expansions, and the share of both that may be promised."""

    base: int
    expansions: tuple[Expansion, ...] = ()
    ceiling: Decimal = CEILING

    def available(self, month: date) -> int:
        return self.base + sum(more.units for more in self.expansions if more.verified and more.ready_on <= month)

    def limit(self, month: date) -> int:
        """Whole units that may be promised in a month."""
        return floor(self.available(month) * self.ceiling)


@dataclass(frozen=True, slots=True)
class MonthLoad:
    """One month of one unit: confirmed load, and what is asked or projected on top of it."""

    month: date
    available: int
    limit: int
    confirmed: int
    wanted: int

    @property
    def load(self) -> int:
        return self.confirmed + self.wanted

    @property
    def over(self) -> int:
        """Units above the ceiling."""
        return max(0, self.load - self.limit)

    @property
    def fulfillable(self) -> int:
        """How much of what is wanted still fits under the ceiling."""
        return max(0, min(self.wanted, self.limit - self.confirmed))

    @property
    def unfulfillable(self) -> int:
        return self.wanted - self.fulfillable

    @property
    def utilisation(self) -> Decimal | None:
        """Load as a share of what is available; None when nothing is."""
        return Decimal(self.load) / self.available if self.available else None

    @property
    def fulfillable_share(self) -> Decimal | None:
        return Decimal(self.fulfillable) / self.wanted if self.wanted else None


def month_after(month: date, months: int = 1) -> date:
    """The first day of the month that comes `months` later (earlier when negative)."""
    year, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(year, index + 1, 1)


def month_of(text: str) -> date | None:
    """The first day of `2027-01` or `2027-01-15`; None for what is no month, or has none before or after it."""
    try:
        month = date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None
    return month if 1900 < month.year < 9000 else None


def delivery_months(start_on: date, months: int) -> tuple[date, ...]:
    """The months of a delivery, that of its start included."""
    return tuple(month_after(start_on, at) for at in range(months))


def loads(supply: Supply, confirmed: Months, units: int, months: Iterable[date]) -> tuple[MonthLoad, ...]:
    """What `units` more would make of each of these months."""
    return tuple(
        MonthLoad(month, supply.available(month), supply.limit(month), confirmed.get(month, 0), units)
        for month in months
    )


def over(supply: Supply, confirmed: Months, units: int, start_on: date, months: int) -> tuple[MonthLoad, ...]:
    """The delivery months in which a deal does not fit; empty when its gate may pass."""
    return tuple(row for row in loads(supply, confirmed, units, delivery_months(start_on, months)) if row.over)


def earliest_start(supply: Supply, confirmed: Months, units: int, start_on: date, months: int) -> date | None:
    """The wanted day when it fits, else the first of the earliest month in which all delivery months fit."""
    if not over(supply, confirmed, units, start_on, months):
        return start_on
    later = (month_after(start_on, at) for at in range(1, HORIZON + 1))
    return next((first for first in later if not over(supply, confirmed, units, first, months)), None)


def order_by(start_on: date, lead_days: int) -> date:
    """The last day on which an expansion can be ordered that has to be ready on `start_on`."""
    return start_on - timedelta(days=lead_days)
