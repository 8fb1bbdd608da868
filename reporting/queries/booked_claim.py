"""Booked as a claim that can be certified, and the same question asked again from a receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ledger.rules.money import plain
from pipeline.queries import organisation
from reporting.queries import booked, booked_deals, receipts
from reporting.queries.booked import Booked
from reporting.rules import periods
from reporting.rules.periods import Period
from reporting.rules.receipt import Claim
from reporting.rules.table import MONEY, TEXT, Column, Table

NAME = "booked"
_SUMS = ("value", "gross", "de_booked", "under_waiver", "unverified_history")
_COLUMNS = (Column("unit", TEXT), Column("period", TEXT), *(Column(name, MONEY) for name in _SUMS))


def scope(period: Period | None, units: Sequence[str] | None) -> dict[str, Any]:
    """What the number is over, as a receipt says it; null is all of them."""
    return {"period": period.name if period else None, "units": None if units is None else sorted(units)}


def claim(number: Booked, period: Period | None, units: Sequence[str] | None, *, rows: bool = False) -> Claim:
    """What a receipt of this number says; with `rows`, also of the table that goes with it."""
    return receipts.claim(
        NAME,
        scope=scope(period, units),
        as_of=number.as_of,
        currency=number.currency,
        value=plain(number.value, number.currency),
        deals=booked_deals.count_deals(number.moves, as_of=number.as_of, period=period, units=units),
        definition_version=number.definition_version,
        ledger_position=number.position,
        rows=table(number).described() if rows else None,
    )


def table(number: Booked) -> Table:
    """By unit and month, which is how the number is made."""
    rows = [
        (row.unit, f"{row.period:%Y-%m}", *(plain(getattr(row, name), number.currency) for name in _SUMS))
        for row in number.rows
    ]
    return Table(_COLUMNS, number.currency, rows)


def again(said: Mapping[str, Any], as_of: datetime) -> tuple[str, Table]:
    """(value, table) over the scope of a receipt, as known at a moment."""
    company = organisation.company()
    period = periods.parse(said["period"], company.fiscal_start_month) if said["period"] else None
    number = booked.booked(company, as_of=as_of, period=period, units=said["units"])
    return plain(number.value, number.currency), table(number)
