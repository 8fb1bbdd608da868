"""Integrity as one answer: what these seats may see, for each kind of total, and the deals that take from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.rules.postings import BOOKED, BOOKED_UNDER_WAIVER, UNVERIFIED
from ledger.rules.problems import not_found
from pipeline.queries import organisation, seats
from pipeline.rules.seats import SeatView, visible_units
from reporting.queries import integrity
from reporting.queries.integrity import Low, Score
from reporting.queries.integrity_measures import PIPELINE, places
from reporting.rules import periods
from reporting.rules.periods import Period

TOTALS = (BOOKED, BOOKED_UNDER_WAIVER, PIPELINE, UNVERIFIED)


@dataclass(frozen=True, slots=True)
class Answer:
    """`measured_until`: what was entered later is not in it yet."""

    totals: dict[str, Score]
    as_of: datetime
    measured_until: datetime | None


def answer(held: Sequence[SeatView], *, period: str = "", unit: str = "") -> Answer:
    """The score of every total, by unit."""
    scope, units = _scope(held, period, unit)
    now = seats.now()
    totals = {total: integrity.score(as_of=now, period=scope, units=units, places=places(total)) for total in TOTALS}
    return Answer(totals, now, integrity.measured_until())


def lowest(
    held: Sequence[SeatView],
    *,
    total: str = BOOKED,
    period: str = "",
    unit: str = "",
    after: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[Low]:
    """The deals that take most from one total, as it stands now."""
    scope, units = _scope(held, period, unit)
    return integrity.lowest(period=scope, units=units, places=places(total), after=after, limit=limit)


def _scope(held: Sequence[SeatView], period: str, unit: str) -> tuple[Period | None, tuple[str, ...] | None]:
    units = visible_units(held)
    if unit and ((units is not None and unit not in units) or not organisation.has_unit(unit)):
        raise not_found(f"Unit {unit[:40]}")
    start = organisation.company().fiscal_start_month
    return periods.parse(period, start) if period else None, (unit,) if unit else units
