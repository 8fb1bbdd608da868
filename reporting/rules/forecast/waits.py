"""How long functions let milestones wait at each gate."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import NamedTuple

_DAY = 86_400_000_000


class Wait(NamedTuple):
    """Of the milestones that `function` verified for the gate of `stage`: how many, and their median wait in days."""

    stage: str
    function: str
    verified: int
    median_days: Decimal


def waits(found: Iterable[tuple[str, str, int]]) -> list[Wait]:
    """From (stage, function, microseconds that one milestone waited). By stage and function. One of 1, 2 and 9 days:
    2.0; an even number of them has the middle between the two: 1 and 2 days are 1.5."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for stage, function, waited in found:
        grouped.setdefault((stage, function), []).append(max(waited, 0))
    return [Wait(*key, len(known), _days(known)) for key, known in sorted(grouped.items())]


def _days(known: list[int]) -> Decimal:
    return (Decimal(median(known)) / _DAY).quantize(Decimal("0.1"), ROUND_HALF_UP)
