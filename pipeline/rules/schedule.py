"""How the value of a deal turns into revenue over days, and what a late start makes of it. Whole minor units only."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from pipeline.rules.policy import Mode

Months = dict[date, int]  # first day of a month → minor units


@dataclass(frozen=True, slots=True)
class Point:
    """A share that is earned on one day: it moves with its own milestone, or with the start when it has none."""

    on: date
    share: Decimal
    key: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed: `amount` in minor units, from `start` for `days`; by day when there are no points."""

    amount: int
    start: date
    days: int
    mode: Mode = "shift"
    points: tuple[Point, ...] = ()

    @property
    def end(self) -> date:
        """The first day after the term."""
        return self.start + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Cause:
    """A milestone that is not kept: planned for `due`, now expected on `expected`. `blocks` moves the start."""

    key: str
    due: date
    expected: date
    float_days: int = 0
    blocks: bool = True
    estimate: bool = False  # a system estimate: nobody has promised that day

    @property
    def slip(self) -> int:
        return (self.expected - self.due).days

    @property
    def move(self) -> int:
        """Days by which it moves what hangs on it."""
        return max(0, self.slip - self.float_days)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Revenue by month and what is not earned any more, by the month in which it would have been."""

    revenue: Months = field(default_factory=dict)
    forgone: Months = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.revenue.values()) + sum(self.forgone.values())


def baseline(terms: Terms) -> Months:
    return schedule(terms, ()).revenue


def schedule(terms: Terms, causes: Iterable[Cause]) -> Schedule:
    """The parts sum to the amount, whatever has slipped."""
    known = tuple(causes)
    moved = max((cause.move for cause in known if cause.blocks), default=0)
    if terms.points:
        return _by_point(terms, {cause.key: cause.move for cause in known}, moved)
    if terms.mode == "shift":
        return Schedule(_by_day(terms, terms.start + timedelta(days=moved), terms.end + timedelta(days=moved)))
    start = min(terms.start + timedelta(days=moved), terms.end)
    return Schedule(_from(terms, start, terms.end), _from(terms, terms.start, start))


def _by_day(terms: Terms, start: date, end: date) -> Months:
    """A straight line over [start, end), rounded cumulatively."""
    if not terms.amount or terms.days < 1:
        return {}
    parts: Months = {}
    month, earned = start.replace(day=1), 0
    while month < end:
        following = _next(month)
        until = _round(terms.amount * min((following - start).days, terms.days), terms.days)
        parts[month] = until - earned
        month, earned = following, until
    return {month: part for month, part in parts.items() if part}


def _from(terms: Terms, start: date, end: date) -> Months:
    """The piece [start, end) of the agreed line: its days keep the revenue that they had."""
    if not terms.amount or terms.days < 1 or start >= end:
        return {}
    parts: Months = {}
    month = start.replace(day=1)
    earned = _round(terms.amount * (start - terms.start).days, terms.days)
    while month < end:
        following = _next(month)
        until = _round(terms.amount * (min(following, end) - terms.start).days, terms.days)
        parts[month] = until - earned
        month, earned = following, until
    return {month: part for month, part in parts.items() if part}


def _by_point(terms: Terms, moves: Mapping[str, int], moved: int) -> Schedule:
    found = Schedule()
    whole, earned = Decimal(0), 0
    for point in terms.points:
        whole += point.share
        until = terms.amount if whole == 1 else _round_share(terms.amount, whole)
        part, earned = until - earned, until
        on = point.on + timedelta(days=moves.get(point.key, 0) if point.key else moved)
        lost = terms.mode == "truncate" and on != point.on and on >= terms.end
        months, month = (found.forgone, point.on) if lost else (found.revenue, on)
        if part:
            months[month.replace(day=1)] = months.get(month.replace(day=1), 0) + part
    return found


def term_days(start: date, number: int, unit: str) -> int:
    """Days from `start` for a number of days or of calendar months."""
    if unit == "days":
        return number
    months = start.year * 12 + start.month - 1 + number
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    return (date(year, month + 1, min(start.day, last)) - start).days


def difference(one: Mapping[date, int], other: Mapping[date, int]) -> Months:
    """one − other, by month, without what is equal."""
    parts = {month: one.get(month, 0) - other.get(month, 0) for month in (*one, *other)}
    return {month: part for month, part in sorted(parts.items()) if part}


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _round(numerator: int, denominator: int) -> int:
    """Half up; both are not negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def _round_share(amount: int, share: Decimal) -> int:
    numerator, denominator = share.as_integer_ratio()
    return _round(amount * numerator, denominator)
