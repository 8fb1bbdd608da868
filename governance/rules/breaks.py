"""A break: what sales promised, what operations planned and what finance has in its books do not agree on a deal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

TOLERANCE = "break-tolerance"  # threshold of a policy: a difference up to it is none, in minor units
TOLERANCE_MINOR = 100  # where a policy says nothing
AT_CLOSE = "breaks-at-close"  # threshold of a policy: what may be open when a month is closed, in minor units
AT_CLOSE_MINOR = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What three functions say of one deal, through the last month that has ended; money in minor units of the
    reporting currency.

    Promise: `sold` stands in booked, `promised` was agreed for those months. Plan: `planned` is what was or will be
    delivered in them, `uncovered` what is to come in delivery months without confirmed capacity, `estimated` whether an
    overdue milestone has no new date, `due` whether an invoice is due by the plan. Books: `invoiced` less credit notes,
    `collected`; and whether finance verified that it invoiced and collected.
    """

    sold: int = 0
    promised: int = 0
    planned: int = 0
    invoiced: int = 0
    collected: int = 0
    uncovered: int = 0
    estimated: bool = False
    due: bool = False
    said_invoiced: bool = False
    said_collected: bool = False

    def body(self) -> dict[str, Any]:
        return asdict(self)


class Sort(NamedTuple):
    """`function` answers for it; `amount` is how far it goes, at most zero where there is none."""

    function: str
    sentence: str
    amount: Callable[[Facts], int]


def _claims_invoice(facts: Facts) -> bool:
    return facts.said_invoiced and not facts.invoiced


# The database holds the same names with their functions (governance_keep_break).
SORTS: Mapping[str, Sort] = {
    "late-plan": Sort(
        "operations", "Less is delivered than was promised, and nobody has said by when the rest is.",
        lambda facts: facts.promised - facts.planned if facts.sold and facts.estimated else 0,
    ),
    "without-capacity": Sort(
        "operations", "Delivery is planned in months without confirmed capacity.",
        lambda facts: facts.uncovered if facts.sold and not facts.estimated else 0,
    ),
    "unbilled": Sort(
        "finance", "More was delivered than was invoiced.",
        lambda facts: facts.planned - facts.invoiced if facts.due and not _claims_invoice(facts) else 0,
    ),
    "overbilled": Sort(
        "finance", "More was invoiced than was sold or delivered.",
        lambda facts: facts.invoiced - max(facts.sold, facts.planned),
    ),
    "overcollected": Sort(
        "finance", "More was collected than was invoiced.", lambda facts: facts.collected - facts.invoiced
    ),
    "claimed-invoice": Sort(
        "finance", "It was verified as invoiced, and the books hold no invoice.",
        lambda facts: facts.sold if _claims_invoice(facts) else 0,
    ),
    "claimed-payment": Sort(
        "finance", "It was verified as collected, and the books hold no payment.",
        lambda facts: facts.sold if facts.said_collected and not facts.collected else 0,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Break:
    """As the record holds it, in the order of its columns. `month`: the first in which the two part."""

    id: int
    deal: int
    unit: str
    sort: str
    function: str
    month: date
    amount: int
    currency: str
    facts: Mapping[str, Any]
    found_at: datetime
    at: datetime
    cleared_at: datetime | None = None
    entry: int = 0

    @property
    def ref(self) -> str:
        return f"B-{self.id}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of a deal; `months`: sort → the first month in which the two sides part."""

    deal: int
    title: str
    unit: str
    facts: Facts
    months: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Found:
    """A break that has just been found; `amount` in minor units of `currency`."""

    number: int
    deal: int
    title: str
    unit: str
    sort: str
    month: date
    amount: int
    currency: str


def found(facts: Facts, tolerance: int) -> dict[str, int]:
    """Sort → how far it goes, of every break beyond the tolerance."""
    amounts = {name: sort.amount(facts) for name, sort in SORTS.items()}
    return {name: amount for name, amount in amounts.items() if amount > tolerance}


def threshold(thresholds: Mapping[str, Any], key: str, otherwise: int) -> int:
    return int(thresholds.get(key, otherwise))


def about(number: int) -> str:
    """What an alert of a break is about: the stream of the break."""
    return f"break/{number}"
