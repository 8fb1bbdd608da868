"""How far objectives and targets have come: each by the measure that it names, at the moment of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from governance.queries import targets
from governance.queries.targets import LinkRow, ObjectiveRow, TargetRow
from governance.rules.targets import Span, Target
from ledger.queries import moment
from ledger.rules.problems import not_found
from pipeline.queries import organisation, seats
from pipeline.rules.seats import SeatView, visible_units
from reporting.queries import asking
from reporting.queries.measures import MEASURES
from reporting.queries.measuring import Asked, Measure
from reporting.rules import goals, periods
from reporting.rules import progress as rules
from reporting.rules.measured import Value
from reporting.rules.periods import Period
from reporting.rules.progress import Progress


@dataclass(frozen=True, slots=True)
class Measured:
    """A target with how far it has come; `measure` None: no measure bears its name any more."""

    row: TargetRow
    measure: Measure | None
    progress: Progress

    @property
    def target(self) -> Target:
        return self.row.target


@dataclass(frozen=True, slots=True)
class WithResults:
    row: ObjectiveRow
    results: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class OneTarget:
    measured: Measured
    links: tuple[LinkRow, ...]
    objective: ObjectiveRow | None


def span(period: str, unit: str) -> Span:
    """A fiscal period by its name; `unit` empty is the company. Raises bad-input."""
    found = periods.parse(period, organisation.company().fiscal_start_month)
    return Span(found.name, found.first, found.until, unit or None)


def objectives(
    held: Sequence[SeatView], within: Period | None, *, before: int | None = None, limit: int = 50
) -> list[WithResults]:
    """Those whose period touches `within`, the newest first, with their key results."""
    found = targets.objectives(visible_units(held), within=_span(within), before=before, limit=limit)
    results = measured(targets.of_objectives(row.objective.id for row in found))
    return [
        WithResults(row, tuple(one for one in results if one.target.objective == row.objective.id)) for row in found
    ]


def objective(held: Sequence[SeatView], number: int) -> WithResults:
    """Raises not-found; a withdrawn one is still there to be read."""
    row = targets.objective(number)
    if row is None or not _seen(held, row.objective.span.unit):
        raise not_found(f"Objective {number}")
    return WithResults(row, tuple(measured(targets.of_objectives([number]))))


def of_targets(
    held: Sequence[SeatView], within: Period | None, *, purpose: str = "", before: int | None = None, limit: int = 50
) -> list[Measured]:
    return measured(
        targets.targets(visible_units(held), purpose=purpose, within=_span(within), before=before, limit=limit)
    )


def target(held: Sequence[SeatView], number: int) -> OneTarget:
    """Raises not-found."""
    row = targets.target(number)
    if row is None or not _seen(held, row.target.span.unit):
        raise not_found(f"Target {number}")
    over = None if row.target.objective is None else targets.objective(row.target.objective)
    return OneTarget(measured([row])[0], tuple(targets.links(number, visible_units(held))), over)


def measured(rows: Iterable[TargetRow]) -> list[Measured]:
    """Targets of the same scope read their measures once."""
    company, now, past = organisation.company(), seats.now(), moment.past() is not None
    today, asked = company.day_of(now), {}
    found = []
    for row in rows:
        span = row.target.span
        if span not in asked:
            period = Period(span.name, span.first, span.until)
            asked[span] = Asked(company, now, period, None if span.unit is None else (span.unit,), past=past)
        value = _value(row.target, asked[span])
        way = rules.progress(value, row.target.base, row.target.goal, span.first, span.until, today)
        found.append(Measured(row, MEASURES.get(row.target.measure), way))
    return found


def _value(target: Target, asked: Asked) -> Value:
    measure = MEASURES.get(target.measure)
    if measure is None:
        return None
    if not measure.by_period:
        asked = Asked(asked.company, asked.as_of, None, asked.units, past=asked.past)
    return goals.measured(asking.tell(target.measure, asked).answer.value, measure.unit)


def _seen(held: Sequence[SeatView], unit: str | None) -> bool:
    units = visible_units(held)
    return units is None or unit in units


def _span(within: Period | None) -> tuple[date, date] | None:
    return (within.first, within.until) if within else None
