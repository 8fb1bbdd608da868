"""What the ledger knows when a row is judged: agents, products, accounts, and the words near to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pipeline.rules.importing import fields
from pipeline.rules.importing.mapping import NOTHING, ValueMap
from pipeline.rules.importing.near import Near


@dataclass(frozen=True, slots=True)
class Agent:
    """An open sales seat of a unit, and who sits on it."""

    seat: int
    person: int
    unit: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A product on the list; `price_minor` in the reporting currency, None when it has none in it."""

    id: int
    name: str
    price_minor: int | None


@dataclass(slots=True)
class Known:
    """Everything by its exact name. `units` None: whoever imports may bring in deals of every unit."""

    agents: Mapping[str, tuple[Agent, ...]]
    products: Mapping[str, Listed]
    accounts: Mapping[str, int]
    currency: str
    today: date
    units: frozenset[str] | None = None
    map: ValueMap = NOTHING
    near: dict[str, Near] = field(init=False)

    def __post_init__(self) -> None:
        self.near = {
            "sales_agent": Near(self.agents),
            "product": Near(self.products),
            "account": Near(self.accounts),
            "deal_stage": Near(fields.STAGES),
        }
