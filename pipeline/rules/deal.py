"""What a rule may know of a deal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """A product on a deal: price in minor units of the deal's currency, for one unit."""

    product: int
    name: str
    quantity: int
    price_minor: int

    @property
    def total_minor(self) -> int:
        return self.quantity * self.price_minor


@dataclass(frozen=True, slots=True)
class DealView:
    """The protected state of one deal at one version.

    Money is integer minor units of `currency`; `value_minor` is what the bookings book carries, in the
    reporting currency, at `place` in the month that starts on `period`. `inputs` holds the other required
    inputs of the policy by key, with `input_at` the moment each was last given.
    """

    id: int
    ref: str
    stage: str
    version: int
    unit: str
    owner: int  # seat
    owner_person: int
    policy_version: int
    account: int | None = None
    amount_minor: int | None = None
    currency: str | None = None
    close_on: date | None = None
    start_on: date | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    input_at: Mapping[str, datetime] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    credits: tuple[int, ...] = ()  # seats that are paid on this deal
    value_minor: int | None = None
    place: str | None = None
    period: date | None = None
    terms: str = ""
    stage_entered_at: datetime | None = None
    private: Mapping[str, str] = field(default_factory=dict)  # input → id of the erasable text behind it

    def fact(self, name: str) -> Any:
        """A fact by the name that policies use: a core column or an input; None when it is not known."""
        if name == "amount":
            return self.amount_minor
        if name in CORE_FACTS:
            return getattr(self, name)
        return self.inputs.get(name)

    def after(self) -> dict[str, Any]:
        """The whole protected state as an entry states it: as-of reads and replays need no other entry."""
        return {
            "stage": self.stage,
            "policy_version": self.policy_version,
            "unit": self.unit,
            "owner": self.owner,
            "account": self.account,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "value_minor": self.value_minor,
            "place": self.place,
            "period": self.period,
            "close_on": self.close_on,
            "start_on": self.start_on,
            "terms": self.terms,
            "inputs": {
                key: {"private": self.private[key]} if key in self.private else value
                for key, value in self.inputs.items()
            },
            "lines": [
                {"product": line.product, "name": line.name, "quantity": line.quantity, "price_minor": line.price_minor}
                for line in self.lines
            ],
            "credits": list(self.credits),
            "input_at": dict(self.input_at),
        }


CORE_FACTS = ("amount_minor", "currency", "close_on", "start_on", "unit", "account", "owner", "terms")
