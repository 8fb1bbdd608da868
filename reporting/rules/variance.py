"""Expected against agreed, by month, and which miss made how much of the difference."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.rules.schedule import Cause, Months, Terms, baseline, difference, schedule


def variance(terms: Terms, causes: Sequence[Cause]) -> Months:
    """Expected − baseline by month; what is forgone is missing in the month in which it would have been earned."""
    return difference(schedule(terms, causes).revenue, baseline(terms))


def attributed(terms: Terms, causes: Sequence[Cause]) -> list[tuple[Cause, Months]]:
    """Each cause with its part: causes are taken away one after the other, the earliest due first, and what changes
    belongs to the one taken away. The parts sum to the whole."""
    left = sorted(causes, key=lambda cause: (cause.due, cause.key))
    whole = schedule(terms, left).revenue
    parts = []
    while left:
        taken = left.pop(0)
        without = schedule(terms, left).revenue
        parts.append((taken, difference(whole, without)))
        whole = without
    return parts
