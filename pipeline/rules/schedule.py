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


def schedule(terms: Terms, causes: Iterable[Cause], until: date = date.max) -> Schedule:
    """The parts sum to the amount, whatever has slipped; with `until`, revenue only of the days before it."""
    known = tuple(causes)
    moved = max((cause.move for cause in known if cause.blocks), default=0)
    if terms.points:
        return _by_point(terms, {cause.key: cause.move for cause in known}, moved, until)
    if terms.mode == "shift":
        late = timedelta(days=moved)
        return Schedule(_between(terms, terms.start + late, terms.start + late, min(terms.end + late, until)))
    start = min(terms.start + timedelta(days=moved), terms.end)
    return Schedule(
        _between(terms, terms.start, start, min(terms.end, until)), _between(terms, terms.start, terms.start, start)
    )


def feasible(terms: Terms, causes: Iterable[Cause]) -> date:
    """The day on which delivery can begin by what is known of its milestones."""
    return terms.start + timedelta(days=max((cause.move for cause in causes if cause.blocks), default=0))


def _between(terms: Terms, origin: date, start: date, end: date) -> Months:
    """The piece [start, end) of a straight line over the term that begins at `origin`, rounded cumulatively."""
    if not terms.amount or terms.days < 1 or start >= end:
        return {}
    parts: Months = {}
    month = start.replace(day=1)
    earned = _round(terms.amount * (start - origin).days, terms.days)
    while month < end:
        after = following(month)
        so_far = _round(terms.amount * (min(after, end) - origin).days, terms.days)
        parts[month] = so_far - earned
        month, earned = after, so_far
    return {month: part for month, part in parts.items() if part}


def _by_point(terms: Terms, moves: Mapping[str, int], moved: int, until: date) -> Schedule:
    found = Schedule()
    whole, earned = Decimal(0), 0
    for point in terms.points:
        whole += point.share
        so_far = terms.amount if whole == 1 else _round_share(terms.amount, whole)
        part, earned = so_far - earned, so_far
        on = point.on + timedelta(days=moves.get(point.key, 0) if point.key else moved)
        lost = terms.mode == "truncate" and on != point.on and on >= terms.end
        months, month = (found.forgone, point.on) if lost else (found.revenue, on)
        if part and (lost or on < until):
            months[month.replace(day=1)] = months.get(month.replace(day=1), 0) + part
    return found


def equal_months(start: date, number: int) -> tuple[Point, ...]:
    """As many equal parts as the term has months, each earned on the last day of its month of the term."""
    share = Decimal(1) / number
    last = 1 - share * (number - 1)
    ends = [start + timedelta(days=term_days(start, at, "months") - 1) for at in range(1, number + 1)]
    return tuple(Point(on, last if at == number - 1 else share) for at, on in enumerate(ends))


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


def following(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _round(numerator: int, denominator: int) -> int:
    """Half up; both are not negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def _round_share(amount: int, share: Decimal) -> int:
    numerator, denominator = share.as_integer_ratio()
    return _round(amount * numerator, denominator)
