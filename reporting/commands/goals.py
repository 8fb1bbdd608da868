"""Sets a target on a measure of the table: the only way in which a door sets one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from governance.commands.targets import linking, setting
from governance.commands.targets.setting import Goal
from governance.queries import targets
from governance.rules.targets import Span, Target
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input
from pipeline.queries import organisation, seats
from reporting.queries import progress
from reporting.queries.measures import MEASURES
from reporting.queries.measuring import Measure
from reporting.rules import goals

_NOWHERE = Span("", date.min, date.max)  # a key result stands where its objective does


def set_target(
    purpose: str, measure: str, goal: Decimal, *, by: Actor, base: Decimal | int = 0, period: str = "",
    unit: str = "", objective: int | None = None, title: str = "", number: int | None = None,
) -> int:  # fmt: skip
    """`goal` and `base` as the measure is written: amounts with their decimals, a share of 1. Returns its number."""
    known, currency = _measure(measure), organisation.company().currency
    stated = Goal(
        purpose,
        known.name,
        _NOWHERE if purpose == "key_result" else progress.span(period, unit),
        goals.whole(goal, known.unit, currency),
        goals.whole(Decimal(base), known.unit, currency, "/base"),
        currency if known.unit == "money" else None,
        objective,
        title,
    )
    return setting.set_target(stated, by=by, number=number)


def revise(number: int, goal: Decimal, base: Decimal, *, by: Actor) -> None:
    """The next version of a target with another goal; what it measures, where and when stays."""
    row = _seen(number, by)
    known, currency = _measure(row.measure), organisation.company().currency
    title = targets.title(number)
    stated = Goal(
        row.purpose, row.measure, row.span, goals.whole(goal, known.unit, currency),
        goals.whole(base, known.unit, currency, "/base"), row.currency, row.objective, title,
    )  # fmt: skip
    setting.set_target(stated, by=by, number=number)


def _seen(number: int, by: Actor) -> Target:
    found: Target = setting.visible("target", number, seats.of_person(by.person))
    return found


def link(number: int, deal: int, milestone: str, amount: Decimal | int, *, by: Actor) -> None:
    """`amount` as the measure of the target is written; see governance/commands/targets/linking.py."""
    unit, currency = _measure(_seen(number, by).measure).unit, organisation.company().currency
    linking.link(number, deal, milestone, goals.whole(Decimal(amount), unit, currency, "/amount"), by=by)


def _measure(name: str) -> Measure:
    found = MEASURES.get(name)
    if found is None:
        say = f"“{name[:40]}” is no measure. Choose one of: {', '.join(sorted(MEASURES))}."
        raise bad_input([Fault("/measure", "TARGET-11", say)])
    return found
