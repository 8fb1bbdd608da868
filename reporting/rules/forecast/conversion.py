"""What the pipeline is worth going by what came of such deals before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from reporting.rules.forecast.shares import Share


def weighted(values: Mapping[str, int], odds: Mapping[str, Decimal]) -> int:
    """Σ p_stage × value of what stands in the stage, in minor units. 12 won of 40 with p0 25 %: 100,000 and 200,000
    are worth 85,000 together."""
    total = sum((Fraction(odds.get(stage, Decimal(0))) * minor for stage, minor in values.items()), Fraction(0))
    return Share(*total.as_integer_ratio()).of(1)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Deals that entered a stage in one period: how many have gone on since, and how many are lost."""

    entered: int
    advanced: int
    lost: int

    @property
    def to_date(self) -> Decimal | None:
        """80 entered, 48 advanced: 60.0 %. It still rises."""
        return Decimal(self.advanced) / self.entered if self.entered else None

    @property
    def resolved(self) -> Decimal | None:
        """48 of the 70 that are decided: 68.6 %."""
        decided = self.advanced + self.lost
        return Decimal(self.advanced) / decided if decided else None


def velocity(deals: int, win_rate: Decimal, average_won_minor: int, median_cycle_days: int) -> int | None:
    """N × win rate × average won / median cycle days, in minor units a day; None without a cycle.
    60 × 25 % × 40,000 / 75 = 8,000 a day. Show it beside the wait for each gate and function."""
    if median_cycle_days <= 0:
        return None
    a_day = deals * win_rate * average_won_minor / median_cycle_days
    return int(a_day.to_integral_value(ROUND_HALF_UP))
