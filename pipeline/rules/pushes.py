"""How a deal's close date has moved: pushes, those that crossed the end of a period, and when it may be expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median_low

ENOUGH = 20  # finished deals of a stage and push count; with fewer the whole segment speaks
MOST_BOUNDARY_PUSHES = 2  # with more, a commit wants its milestones verified anew


@dataclass(frozen=True, slots=True)
class Push:
    """A change of the close to a later day."""

    at: datetime
    was: date
    now: date

    @property
    def boundary(self) -> bool:
        """It crosses the end of a period, which is a month."""
        return (self.was.year, self.was.month) < (self.now.year, self.now.month)

    @property
    def days(self) -> int:
        return (self.now - self.was).days


def pushes(closes: Iterable[tuple[datetime, date | None]]) -> tuple[Push, ...]:
    """Every push in a history of closes, oldest first. A close that was taken away counts from where it stood."""
    found: list[Push] = []
    last: date | None = None
    for at, close in closes:
        if close is not None:
            if last is not None and close > last:
                found.append(Push(at, last, close))
            last = close
    return tuple(found)


def boundary_pushes(moved: Iterable[Push]) -> int:
    return sum(push.boundary for push in moved)


def slip(baseline: date, current: date) -> int:
    """Days by which the close is later than when the deal first became commit-eligible; negative when earlier.
    30 Jun → 15 Aug: 46."""
    return (current - baseline).days


def typical_slip(of_place: Sequence[int], of_segment: Sequence[int]) -> int:
    """The median of the days by which deals of this stage and push count slipped further before they were resolved;
    of the segment when fewer than 20 are known; nothing when nobody knows."""
    known = of_place if len(of_place) >= ENOUGH else of_segment
    return max(0, median_low(known)) if known else 0


def expected_close(current: date, remaining: int) -> date:
    """15 Aug with 18 days more: 2 Sep."""
    return current + timedelta(days=remaining)


def needs_reverification(moved: Sequence[Push], verified_at: Mapping[str, datetime | None]) -> bool:
    """Pushed over more period ends than a commit bears, and something was not verified since the last of them.

    `verified_at`: booking milestone → the moment of its verification, None while it is owed.
    """
    crossed = [push.at for push in moved if push.boundary]
    if len(crossed) <= MOST_BOUNDARY_PUSHES:
        return False
    return not verified_at or any(at is None or at <= crossed[-1] for at in verified_at.values())
