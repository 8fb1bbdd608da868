"""Objectives, key results and P&L targets: what they are, who sets them, and the plan that they come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from governance.rules.verification import Refusal
from ledger.rules.problems import Fault
from pipeline.rules.seats import SeatView

Purpose = Literal["plan", "key_result"]
PURPOSES: tuple[Purpose, ...] = ("plan", "key_result")
LINKING = ("executive", "manager", "lead")
MOST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Span:
    """Months from `first` until before `until`, under the name of a fiscal period; `unit` None is the company."""

    name: str
    first: date
    until: date
    unit: str | None = None

    def covers(self, month: date, unit: str) -> bool:
        return self.first <= month < self.until and (self.unit is None or self.unit == unit)


@dataclass(frozen=True, slots=True)
class Objective:
    """One version of an objective. `owner` is the seat of the executive who answers for it."""

    id: int
    version: int
    span: Span
    owner: int
    wording: str | None
    set_by: int
    set_at: datetime
    state: str
    entry: int


@dataclass(frozen=True, slots=True)
class Target:
    """One version of a target: `measure` goes from `base` to `goal` in the span, minor units where it is money."""

    id: int
    version: int
    purpose: str
    objective: int | None
    measure: str
    span: Span
    base: int
    goal: int
    currency: str | None
    wording: str | None
    set_by: int
    set_at: datetime
    state: str
    entry: int


@dataclass(frozen=True, slots=True)
class Link:
    """A deal, or one milestone of it (`key`), that bears on a target with a signed amount."""

    target: int
    deal: int
    key: str
    amount: int
    state: str
    entry: int


def setting(seats: Iterable[SeatView], purpose: str, unit: str | None) -> Refusal | None:
    """Executives set objectives and key results; finance sets the P&L. A seat of one unit sets for that unit."""
    for seat in seats:
        if seat.unit is None or seat.unit == unit:
            finance = seat.function == "finance" and seat.role in ("lead", "executive")
            if finance if purpose == "plan" else seat.role == "executive":
                return None
    who = "a lead or an executive of finance" if purpose == "plan" else "an executive"
    where = f"of {unit} or of every unit" if unit else "of every unit"
    return Refusal("TARGET-ACT-1", f"This is set by {who} {where}.", False)


def linking(seats: Iterable[SeatView], unit: str) -> Refusal | None:
    """Whoever leads in the unit of the deal says what it is worth to a target."""
    if any(seat.role in LINKING and seat.covers(unit) for seat in seats):
        return None
    return Refusal("TARGET-ACT-2", f"A deal is linked by a manager, a lead or an executive of {unit}.", False)


def faults(title: str, base: int, goal: int, *, titled: bool) -> list[Fault]:
    found = []
    if titled and not 3 <= len(title.strip()) <= 200:
        found.append(Fault("/title", "TARGET-1", "Say what is to be reached, in 3 to 200 characters."))
    if not titled and len(title.strip()) > 200:
        found.append(Fault("/title", "TARGET-1", "A title has at most 200 characters."))
    if base == goal:
        found.append(Fault("/goal", "TARGET-2", "The goal is where it is today. Set one that differs from the start."))
    if not (-MOST <= base <= MOST and -MOST <= goal <= MOST):
        found.append(Fault("/goal", "TARGET-3", "That is more than any company comes to."))
    return found


def plan(targets: Iterable[Target], first: date, until: date, units: Sequence[str] | None) -> int | None:
    """What the P&L targets of one measure come to over [first, until); None where they leave a gap.

    Of every unit: the company's own target, or, where it has none, the sum over the units that have one. Of some
    units: the sum of theirs, all of them. A span is met by one target of exactly its months, or by shorter ones that
    follow each other without a gap; the longest is taken first.
    """
    known = [one for one in targets if one.purpose == "plan" and one.state == "set"]
    if units is None:
        whole = _tiled([one for one in known if one.span.unit is None], first, until)
        if whole is not None:
            return whole
        named = sorted({one.span.unit for one in known if one.span.unit is not None and _within(one, first, until)})
    else:
        named = list(units)
    parts = [_tiled([one for one in known if one.span.unit == unit], first, until) for unit in named]
    found = [part for part in parts if part is not None]
    return sum(found) if found and len(found) == len(parts) else None


def _within(target: Target, first: date, until: date) -> bool:
    return first <= target.span.first and target.span.until <= until


def _tiled(targets: Sequence[Target], first: date, until: date) -> int | None:
    total, at = 0, first
    while at < until:
        following = [one for one in targets if one.span.first == at and one.span.until <= until]
        if not following:
            return None
        longest = max(following, key=lambda one: (one.span.until, one.entry))
        total += longest.goal
        at = longest.span.until
    return total
