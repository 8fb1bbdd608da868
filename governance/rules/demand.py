"""Expected demand: what open deals would add, each by the chance that deals of its stage are won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

STRENGTH = 20  # resolved deals that the prior is worth


def prior(place: int, stages: int) -> Decimal:
    """What is assumed of a stage before anything has been resolved: its share of the way to booked."""
    return Decimal(place + 1) / stages


def chance(wins: int, resolved: int, before: Decimal) -> Decimal:
    """(wins + 20 · p0) / (resolved + 20): 12 of 40 with p0 25 % is 28.33 %."""
    return (wins + STRENGTH * before) / (resolved + STRENGTH)


def chances(stages: Sequence[str], won: int, lost_from: Mapping[str, int]) -> dict[str, Decimal]:
    """Stage → the chance of a deal that stands there. Who was won passed every stage; who was lost from a later one
    passed it too."""
    found, open_stages = {}, stages[:-1]
    for place, stage in enumerate(open_stages):
        resolved = won + sum(lost_from.get(later, 0) for later in stages[place:])
        found[stage] = chance(won, resolved, prior(place, len(stages)))
    return found


def expected(units_by_stage: Mapping[str, int], odds: Mapping[str, Decimal]) -> int:
    """Σ p × units, in whole units."""
    total = sum((odds.get(stage, Decimal(0)) * units for stage, units in units_by_stage.items()), Decimal(0))
    return int(total.quantize(Decimal(1), ROUND_HALF_UP))
