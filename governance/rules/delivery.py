"""What a deal needs of capacity: units a month, from the month of its start on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.rules.capacity import delivery_months
from ledger.rules.problems import Fault
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy, Requirement

BINDS = ("start_on", "delivery_units", "delivery_months", "unit")
KEY = "capacity-reserved"  # the requirement of a policy that names none
CONFIRMING = "capacity-confirmed"  # the milestone whose verification confirms what is reserved
MOST_MONTHS = 120
_NAMES = {"start_on": "the start date", "delivery_units": "the units a month", "delivery_months": "the delivery months"}


@dataclass(frozen=True, slots=True)
class Need:
    """`units` of `unit` in each of `months`."""

    unit: str
    units: int
    start_on: date
    months: tuple[date, ...]


def need(deal: DealView) -> Need | None:
    """None while the deal does not say enough to reserve anything."""
    if faults(deal):
        return None
    assert deal.start_on is not None  # no fault
    first = deal.start_on.replace(day=1)
    return Need(deal.unit, deal.inputs["delivery_units"], deal.start_on,
                delivery_months(first, deal.inputs["delivery_months"]))  # fmt: skip


def needed(deal: DealView) -> Need:
    """For a caller that has asked for faults."""
    found = need(deal)
    assert found is not None
    return found


def faults(deal: DealView) -> list[Fault]:
    """Every fact that a reservation misses."""
    found = [
        Fault(f"/{name}", "CAP-NEED-1", f"Give {words} first: capacity is reserved for it.")
        for name, words in _NAMES.items()
        if not isinstance(deal.fact(name), date if name == "start_on" else int)
    ]
    months = deal.fact("delivery_months")
    if isinstance(months, int) and months > MOST_MONTHS:
        say = f"Capacity is reserved for at most {MOST_MONTHS} months; this deal states {months}."
        found.append(Fault("/delivery_months", "CAP-NEED-2", say))
    return found


def requirement(policy: Policy) -> Requirement | None:
    """The requirement of kind capacity that a reservation speaks for."""
    return next((rule for stage in policy.stages for rule in stage.gate if rule.kind == "capacity"), None)


def bound(deal: DealView) -> dict[str, Any]:
    """The facts under which a reservation stands."""
    facts = {name: deal.fact(name) for name in BINDS}
    return {"facts": facts | {"start_on": deal.start_on and deal.start_on.isoformat()}, "tolerance": {}}
