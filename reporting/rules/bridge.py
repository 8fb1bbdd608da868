"""Why the value in a scope moved between two moments: every deal in one bucket, to the minor unit.

A scope is the open pipeline of some units and of the months of a period. A deal that left it stands in the bucket of
the event that took it out last, one that came into it in the bucket of what brought it; round trips leave nothing but
churn. A deal that stayed moved by its amount and by the rate of its currency. Identity: opening + Σ buckets = closing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

# In the order in which they are told: what left, what the definition did, what came, and what stayed and changed.
OUT = ("won", "under_waiver", "lost", "slipped", "pulled_out", "unpriced")
EITHER = ("transferred", "policy_change", "prior_period")
IN = ("new", "pulled_in", "slipped_in", "reopened", "returned")
STAYED = ("amount", "currency")
BUCKETS = (*OUT, *EITHER, *IN, *STAYED)

# A miss or a crisis moves a close out of the period, or loses the deal: it subdivides those buckets.
_LEFT = {"won": "won", "waiver": "under_waiver", "lost": "lost", "cancelled": "lost", "slipped": "slipped",
         "replanned": "slipped", "milestone_miss": "slipped", "crisis": "slipped", "pulled_in": "pulled_out",
         "transfer": "transferred"}  # fmt: skip
_CAME = {"new": "new", "pulled_in": "pulled_in", "slipped": "slipped_in", "replanned": "slipped_in",
         "reopened": "reopened", "return": "returned", "transfer": "transferred"}  # fmt: skip


class Way(NamedTuple):
    """What the events between the moments make of a deal: whether it was in the scope before the first of them, the
    cause of the last that took it over the border and whether that led inside (None: none did), whether it is `fresh`
    (first valued in between), and whether anything but a rate touched it (`amended`)."""

    was_in: bool
    last: str
    inside: bool | None
    fresh: bool
    amended: bool

    @property
    def is_in(self) -> bool:
        return self.was_in if self.inside is None else self.inside


def bucket(way: Way) -> str | None:
    """The bucket of all that such a deal moved by. None: it stayed and was amended, so `split` tells amount from
    currency; or it came and went, and moved by nothing."""
    if way.was_in and not way.is_in:
        return _LEFT.get(way.last, way.last)
    if way.is_in and not way.was_in:
        return "new" if way.fresh else _CAME.get(way.last, way.last)
    return "currency" if way.was_in and not way.amended else None


class Ends(NamedTuple):
    """A deal that stayed, at both moments: value in minor units of the reporting currency, amount in its own."""

    value_before: int
    value_after: int
    amount_before: Decimal | None
    amount_after: Decimal | None


def split(ends: Ends) -> dict[str, int]:
    """amount = (a1 − a0)·r0, rounded half to even; currency is the rest: a1·(r1 − r0) within the rounding. A deal whose
    value was taken away altogether is `unpriced`."""
    moved = ends.value_after - ends.value_before
    if not ends.value_after:
        return {"unpriced": moved} if moved else {}
    if not ends.amount_before or ends.amount_after is None:
        return {"amount": moved} if moved else {}
    exact = (ends.amount_after - ends.amount_before) * ends.value_before / ends.amount_before
    amount = int(exact.to_integral_value(ROUND_HALF_EVEN))
    return {name: part for name, part in (("amount", amount), ("currency", moved - amount)) if part}


@dataclass(slots=True)
class Bridge:
    """`buckets` and `deals` (how many moved by it) by bucket; `within` subdivides a bucket by what made it. `turnover`
    is Σ|event deltas|."""

    opening: int
    closing: int
    buckets: dict[str, int] = field(default_factory=dict)
    deals: dict[str, int] = field(default_factory=dict)
    within: dict[str, dict[str, int]] = field(default_factory=dict)
    turnover: int = 0

    def add(self, name: str, amount: int, deals: int, because: str = "") -> None:
        self.buckets[name] = self.buckets.get(name, 0) + amount
        self.deals[name] = self.deals.get(name, 0) + deals
        if because:
            parts = self.within.setdefault(name, {})
            parts[because] = parts.get(because, 0) + amount

    @property
    def gross_churn(self) -> int:
        """Σ|event deltas| − |net delta|: what moved and cannot be seen in the net."""
        return self.turnover - abs(self.closing - self.opening)

    @property
    def rest(self) -> int:
        """What the buckets do not explain; 0, or the record is not what it says."""
        return self.closing - self.opening - sum(self.buckets.values())

    def steps(self) -> list[tuple[str, int]]:
        """The buckets that moved anything, in the order of the book; what this file does not know comes last."""
        names = [*BUCKETS, *sorted(set(self.buckets) - set(BUCKETS))]
        return [(name, self.buckets[name]) for name in names if self.buckets.get(name)]
