"""Booked: the one number, a sum over postings, at any moment. Page, API and file ask here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ledger.queries import balances
from ledger.rules.postings import BOOKED, BOOKED_UNDER_WAIVER, BOOKINGS, UNVERIFIED
from pipeline.queries import policies
from pipeline.queries.organisation import Company
from reporting.queries.booked_deals import REVALUED
from reporting.rules.periods import Period

_PLACES = (BOOKED, BOOKED_UNDER_WAIVER, UNVERIFIED)
# What a booking adds: the value carried and what its rate or amount added. All else takes value out again.
GROSS = ("won", "currency", "amount")


@dataclass(frozen=True, slots=True)
class BookedRow:
    """Amounts in minor units of the reporting currency. value = gross − de_booked."""

    unit: str
    period: date
    value: int
    gross: int
    de_booked: int
    under_waiver: int
    unverified_history: int
    moves: int = 0  # postings that took a deal in or out, other than a change of its value


@dataclass(frozen=True, slots=True)
class Booked:
    """The number of a scope with its parts; `position` is the newest entry that was known at `as_of`."""

    currency: str
    as_of: datetime
    position: int
    definition_version: int
    rows: Sequence[BookedRow] = field(default_factory=tuple)

    @property
    def value(self) -> int:
        return sum(row.value for row in self.rows)

    @property
    def moves(self) -> int:
        return sum(row.moves for row in self.rows)

    @property
    def gross(self) -> int:
        return sum(row.gross for row in self.rows)

    @property
    def de_booked(self) -> int:
        return sum(row.de_booked for row in self.rows)

    @property
    def under_waiver(self) -> int:
        return sum(row.under_waiver for row in self.rows)

    @property
    def unverified_history(self) -> int:
        return sum(row.unverified_history for row in self.rows)


def booked(
    company: Company,
    *,
    as_of: datetime,
    period: Period | None = None,
    units: Sequence[str] | None = None,
    known: bool = False,
) -> Booked:
    """Booked by unit and month as it was reported by `as_of`; with `known` by the month in which it was true. `units`
    None: all of them."""
    ask = balances.as_known if known else balances.balances
    found = ask(
        BOOKINGS,
        _PLACES,
        as_of=as_of,
        since=period.first if period else None,
        until=period.until if period else None,
        units=units,
    )
    parts: dict[tuple[str, date], dict[str, int]] = {}
    for balance in found.balances:
        # Balances come by unit and period, and so do the rows.
        row = parts.setdefault((balance.unit, balance.period), dict.fromkeys(("in", "out", "moves", *_PLACES), 0))
        row[balance.place] += balance.amount
        if balance.place == BOOKED:
            row["in" if balance.cause in GROSS else "out"] += balance.amount
            row["moves"] += balance.postings if balance.cause not in REVALUED else 0
    rows = tuple(
        BookedRow(
            unit, month, row[BOOKED], row["in"], -row["out"], row[BOOKED_UNDER_WAIVER], row[UNVERIFIED], row["moves"]
        )
        for (unit, month), row in parts.items()
    )
    return Booked(company.currency, as_of, found.position, policies.newest_at(as_of), rows)
