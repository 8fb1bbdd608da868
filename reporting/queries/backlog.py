"""Backlog as one answer: the number with its receipt, and the sums that it follows from, read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.rules.seats import SeatView
from reporting.queries import asking, finance_measures
from reporting.queries.asking import Told
from reporting.queries.finance import Position


@dataclass(frozen=True, slots=True)
class Backlog:
    told: Told
    position: Position


def answer(held: Sequence[SeatView], *, unit: str = "") -> Backlog:
    """Raises not-found for a unit that is not there or may not be seen, alike."""
    asked = asking.asked(held, unit=unit)
    told = asking.tell("backlog", asked)
    return Backlog(told, asked.once(finance_measures.read))
