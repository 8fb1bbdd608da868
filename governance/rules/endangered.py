"""Which target an alert endangers, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from governance.rules.alert import at_stake
from governance.rules.targets import Link, Target

# Measures that a late milestone takes from: what is booked delivers later, what is not yet is booked later.
OF_BOOKED = ("variance", "fulfilled", "revenue", "expected-revenue")
OF_OPEN = ("booked", "gross")


@dataclass(frozen=True, slots=True)
class Danger:
    """`amount` in the unit of the target, as it would be missed: below zero. `linked`: somebody said so."""

    target: Target
    amount: int
    linked: bool

    @property
    def share(self) -> Fraction:
        """Of the way from the base to the goal."""
        return Fraction(abs(self.amount), abs(self.target.goal - self.target.base))


def of_alert(
    targets: Iterable[Target],
    links: Iterable[Link],
    *,
    deal: int | None,
    key: str,
    unit: str,
    stake: Mapping[date, int],
    booked: bool,
) -> list[Danger]:
    """The heaviest first. A link of the milestone goes before one of its deal; without a link, what is at `stake` in
    the months that a target covers (month → minor units) is what it may miss, when its measure is one of those.
    """
    said = {(link.target, link.key): link.amount for link in links if link.state == "linked" and link.deal == deal}
    found = []
    for target in targets:
        if target.state != "set":
            continue
        amount = said.get((target.id, key), said.get((target.id, "")))
        if amount is not None:
            found.append(Danger(target, -amount, True))
        elif target.measure in (OF_BOOKED if booked else OF_OPEN):
            covered = [{"amount_minor": part} for month, part in stake.items() if target.span.covers(month, unit)]
            if lost := at_stake(covered):
                found.append(Danger(target, -lost, False))
    return sorted(found, key=lambda danger: (-danger.share, danger.target.id))
