"""Bookings, billings and revenue, and what follows from them: deferred, unbilled, backlog. Sums over postings.

120,000 booked for twelve months from 1 January and 60,000 invoiced, at 31 March: revenue 30,000, deferred 30,000,
unbilled 60,000, backlog 90,000 = deferred + unbilled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from ledger.queries import balances
from ledger.queries.balances import Balance
from ledger.rules.postings import BILLINGS, BOOKED, BOOKED_UNDER_WAIVER, BOOKINGS, COLLECTED, INVOICED
from reporting.rules.revenue import BOOK as REVENUE
from reporting.rules.revenue import EXPECTED, RECOGNISED

_BOOKS = {BOOKINGS: (BOOKED, BOOKED_UNDER_WAIVER), BILLINGS: (INVOICED, COLLECTED), REVENUE: (EXPECTED, RECOGNISED)}
_NAMES = {
    BOOKED: "bookings", BOOKED_UNDER_WAIVER: "under_waiver", INVOICED: "billings", COLLECTED: "collected",
    RECOGNISED: "revenue",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """Minor units of the reporting currency, of one unit or of several. `backlog`: sold and not delivered yet."""

    unit: str | None
    bookings: int = 0
    under_waiver: int = 0
    billings: int = 0
    collected: int = 0
    revenue: int = 0
    backlog: int = 0

    @property
    def deferred(self) -> int:
        """Billed and not earned yet; below zero what is earned and not billed."""
        return self.billings - self.revenue

    @property
    def unbilled(self) -> int:
        """What is still to be billed of what was delivered and will be. backlog = deferred + unbilled."""
        return self.backlog - self.deferred


@dataclass(frozen=True, slots=True)
class Position:
    """By unit. `position` is the newest entry that was known at `as_of`."""

    as_of: datetime
    position: int
    rows: tuple[Sums, ...]

    @property
    def total(self) -> Sums:
        names = [field.name for field in fields(Sums)][1:]
        return Sums(None, **{name: sum(getattr(row, name) for row in self.rows) for name in names})


def moved(
    as_of: datetime, since: date, until: date, units: Sequence[str] | None = None, *, known: bool = True
) -> Position:
    """What moved in the months from `since` to before `until`; `known`: by the month in which it was true, else as it
    was reported."""
    newest, found = _balances(as_of, since, until, units, known)
    parts: dict[str, dict[str, int]] = {}
    for row in found:
        if row.place in _NAMES:
            _add(parts, row.unit, _NAMES[row.place], row.amount)
    return _position(as_of, newest, parts)


def stands(
    as_of: datetime, until: date | None = None, units: Sequence[str] | None = None, *, known: bool = True
) -> Position:
    """What stands at the end of the month before `until`; None is at `as_of`.

    Backlog is what is expected still. At the end of an earlier month it is that, and what was recognised since, without
    what was booked since.
    """
    newest, found = _balances(as_of, None, None, units, known)
    parts: dict[str, dict[str, int]] = {}
    for row in found:
        later = until is not None and row.period >= until
        if row.place == EXPECTED or (later and row.place == RECOGNISED):
            _add(parts, row.unit, "backlog", row.amount)
        elif later and row.place == BOOKED:
            _add(parts, row.unit, "backlog", -row.amount)
        elif not later:
            _add(parts, row.unit, _NAMES[row.place], row.amount)
    return _position(as_of, newest, parts)


def _balances(
    as_of: datetime, since: date | None, until: date | None, units: Sequence[str] | None, known: bool
) -> tuple[int, list[Balance]]:
    ask: Any = balances.as_known if known else balances.balances
    answers = [ask(book, places, as_of=as_of, since=since, until=until, units=units) for book, places in _BOOKS.items()]
    return max(answer.position for answer in answers), [row for answer in answers for row in answer.balances]


def _add(parts: dict[str, dict[str, int]], unit: str, name: str, amount: int) -> None:
    sums = parts.setdefault(unit, {})
    sums[name] = sums.get(name, 0) + amount


def _position(as_of: datetime, newest: int, parts: dict[str, dict[str, int]]) -> Position:
    return Position(as_of, newest, tuple(Sums(unit, **parts[unit]) for unit in sorted(parts)))
