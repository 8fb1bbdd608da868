"""Booked as one answer: the number that these seats may see, its parts, and the receipt that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.rules.problems import not_found
from pipeline.queries import organisation, seats
from pipeline.queries.organisation import Company
from pipeline.rules.seats import SeatView, visible_units
from reporting.queries import booked, booked_claim, booked_deals
from reporting.queries.booked import Booked
from reporting.queries.booked_deals import BookedDeal
from reporting.rules import grouping, periods
from reporting.rules.grouping import Group
from reporting.rules.periods import Period
from reporting.rules.receipt import Claim
from reporting.rules.table import Table


@dataclass(frozen=True, slots=True)
class Scope:
    """What a number is over. `units` None: all of them."""

    company: Company
    as_of: datetime
    period: Period | None
    units: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Answer:
    number: Booked
    rows: tuple[Group, ...]
    claim: Claim
    table: Table


def answer(
    held: Sequence[SeatView],
    *,
    period: str = "",
    unit: str = "",
    by: Sequence[str] = (),
    rows: bool = False,
) -> Answer:
    """Booked over a scope, grouped by `unit`, `period` or both. With `rows` the claim is of the table, too."""
    scope = _scope(held, period, unit)
    number = booked.booked(scope.company, as_of=scope.as_of, period=scope.period, units=scope.units)
    claim = booked_claim.claim(number, scope.period, scope.units, rows=rows)
    return Answer(number, grouping.groups(number.rows, by), claim, booked_claim.table(number))


def behind(
    held: Sequence[SeatView],
    *,
    period: str = "",
    unit: str = "",
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[BookedDeal], str]:
    """(deals behind the number, reporting currency)."""
    scope = _scope(held, period, unit)
    rows = booked_deals.deals_behind(
        as_of=scope.as_of, period=scope.period, units=scope.units, before=before, limit=limit
    )
    return rows, scope.company.currency


def _scope(held: Sequence[SeatView], period: str, unit: str) -> Scope:
    company, now, units = organisation.company(), seats.now(), visible_units(held)
    if unit and ((units is not None and unit not in units) or not organisation.has_unit(unit)):
        raise not_found(f"Unit {unit[:40]}")
    return Scope(
        company,
        now,
        periods.parse(period, company.fiscal_start_month) if period else None,
        (unit,) if unit else units,
    )
