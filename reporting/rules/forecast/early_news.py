"""Credit for early bad news: whoever says in time that it will not come is scored by what they said then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from reporting.rules.forecast.categories import Category, rank

EARLY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a seat said of a deal at a moment; `value_minor` in the reporting currency, None while it is unpriced."""

    at: datetime
    category: Category
    probability: Decimal
    value_minor: int | None
    close_on: date

    @property
    def weighed_minor(self) -> int:
        """What it adds to a forecast: its value by its probability; nothing when it is omitted."""
        if self.value_minor is None or self.category == "omitted":
            return 0
        return int((self.value_minor * self.probability).to_integral_value())


def is_downgrade(was: Statement, now: Statement) -> bool:
    """Less sure than before, a smaller chance, or in a later period."""
    if rank(now.category) > rank(was.category) or now.probability > was.probability:
        return False
    later = (now.close_on.year, now.close_on.month) > (was.close_on.year, was.close_on.month)
    return rank(now.category) < rank(was.category) or now.probability < was.probability or later


def scored(locked: Statement, later: Sequence[Statement], missed_at: datetime | None) -> Statement:
    """What a forecast is scored by: the locked statement; or, when it was missed, the last that was made at least
    14 days before, if that is a downgrade from the locked one. What was said after that, or to the better, changes
    nothing; a downgrade that was taken back in time is none."""
    if missed_at is None:
        return locked
    in_time = [said for said in later if locked.at < said.at <= missed_at - EARLY]
    last = max(in_time, key=lambda said: said.at, default=locked)
    return last if is_downgrade(locked, last) else locked


def is_early(locked: Statement, later: Sequence[Statement], missed_at: datetime | None) -> bool:
    return scored(locked, later, missed_at) is not locked
