"""Variance as one answer: of a deal that these seats may see, or of a period over their units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.rules.problems import not_found
from pipeline import permissions
from pipeline.queries import deals, organisation, seats
from pipeline.rules.seats import SeatView, visible_units
from reporting.queries import variance
from reporting.queries.variance import Variance
from reporting.rules import periods


@dataclass(frozen=True, slots=True)
class Answer:
    found: Variance
    currency: str
    as_of: datetime


def answer(held: Sequence[SeatView], *, deal: str = "", period: str = "", unit: str = "") -> Answer:
    """Raises not-found for a deal or unit that is not there or may not be seen, alike."""
    company, at, units = organisation.company(), seats.now(), visible_units(held)
    within = periods.parse(period, company.fiscal_start_month) if period else None
    if unit and ((units is not None and unit not in units) or not organisation.has_unit(unit)):
        raise not_found(f"Unit {unit[:40]}")
    if not deal:
        _position, lines = variance.lines(within, at, (unit,) if unit else units)
        return Answer(variance.by_month(lines), company.currency, at)
    number = deals.number_of(deal)
    permissions.check_can_see(held, deals.read_one(number).view)
    found = variance.of_deal(number, at)
    if within is not None:
        found = Variance(tuple(row for row in found.rows if within.first <= row.period < within.until))
    return Answer(found, company.currency, at)
