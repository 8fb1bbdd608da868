"""A share of an amount, divided among the deals that make it so that their parts sum to it without a rest."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Share(NamedTuple):
    """`over` / `under`, exact: what the database divides by must be what the rules divide by."""

    over: int
    under: int

    def of(self, minor: int) -> int:
        """Of minor units that are not negative; half of one counts as one."""
        return (2 * minor * self.over + self.under) // (2 * self.under)


NOTHING = Share(0, 1)


def of(share: Decimal) -> Share:
    return Share(*share.as_integer_ratio())


def divided(amounts: list[int], share: Share) -> list[int]:
    """The part of each: what it adds to the share of all before it. A third of 100, 100 and 100: 33, 34 and 33, which
    are the 100 that a third of 300 is."""
    found, before = [], 0
    for amount in amounts:
        found.append(share.of(before + amount) - share.of(before))
        before += amount
    return found
