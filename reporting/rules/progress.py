"""How far a measure has come from its base to its goal, and whether that is as far as the time that has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

State = Literal["reached", "on track", "behind", "not begun", "unknown"]
TOLERANCE = Fraction(1, 20)  # of the way: less than this behind the time that has passed is still on track


@dataclass(frozen=True, slots=True)
class Progress:
    """`gap` is value − goal, in the unit of the measure; `share` and `passed` are parts of the way and of the time."""

    value: int | Decimal | None
    goal: int
    share: Fraction | None
    passed: Fraction
    state: State

    @property
    def gap(self) -> Decimal | None:
        return None if self.value is None else Decimal(self.value) - self.goal

    @property
    def percent(self) -> int | None:
        """Whole per cents of the way, rounded down, so that 99.9 is not 100; below 0 and above 100 are possible."""
        return None if self.share is None else int(self.share * 100 // 1)


def progress(value: int | Decimal | None, base: int, goal: int, first: date, until: date, today: date) -> Progress:
    """`goal` may lie under `base`: less is better there. Without a value nothing is claimed."""
    passed = Fraction(min(max((today - first).days, 0), (until - first).days), (until - first).days)
    if value is None:
        return Progress(None, goal, None, passed, "unknown")
    share = (Fraction(value) - base) / (goal - base)
    if share >= 1:
        state: State = "reached"
    elif today < first:
        state = "not begun"
    else:
        state = "on track" if share >= passed - TOLERANCE else "behind"
    return Progress(value, goal, share, passed, state)
