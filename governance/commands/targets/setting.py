"""Sets objectives and targets, each version an entry that stays; withdraws them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from governance import permissions
from governance.queries import targets
from governance.rules import targets as rules
from governance.rules.targets import Span
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.problems import Fault, bad_input, conflict, not_found
from ledger.transactions import command, step
from pipeline.queries import organisation, seats
from pipeline.rules.seats import SeatView, visible_units


@dataclass(frozen=True, slots=True)
class Goal:
    """What a target is set to; `base` and `goal` in minor units of `currency`, or plain numbers without one."""

    purpose: str
    measure: str
    span: Span
    goal: int
    base: int = 0
    currency: str | None = None
    objective: int | None = None
    title: str = ""


@command
def set_objective(title: str, span: Span, *, by: Actor, number: int | None = None) -> int:
    """A new objective, or with `number` the next version of one; writes `objective.set` and returns its number."""
    held = seats.of_person(by.person)
    chain, version, number = _next("objective", number, held, span)
    permissions.check(rules.setting(held, "objective", span.unit))
    faults = rules.faults(title, 0, 1, titled=True)
    if faults:
        raise bad_input(faults)
    owner = next(seat.id for seat in held if rules.setting([seat], "objective", span.unit) is None)
    body = {"version": version, **_span(span), "owner": owner}
    append(chain, Draft("objective.set", body, private={"title": title.strip()}), by=by)
    return number


@command
def set_target(stated: Goal, *, by: Actor, number: int | None = None) -> int:
    """A new key result or line of the plan, or with `number` its next version; writes `target.set`.

    A key result stands in the period and unit of its objective. The measure is checked by the door that knows them.
    """
    held = seats.of_person(by.person)
    if stated.purpose not in rules.PURPOSES:
        raise bad_input([Fault("/purpose", "TARGET-4", f"A target is one of: {', '.join(rules.PURPOSES)}.")])
    stated = _placed(stated, held)
    chain, version, number = _next("target", number, held, stated.span)
    permissions.check(rules.setting(held, stated.purpose, stated.span.unit))
    faults = rules.faults(stated.title, stated.base, stated.goal, titled=False)
    if faults:
        raise bad_input(faults)
    body = {
        "version": version, "purpose": stated.purpose, "objective": stated.objective, "measure": stated.measure,
        **_span(stated.span), "base": stated.base, "goal": stated.goal, "currency": stated.currency,
    }  # fmt: skip
    append(chain, Draft("target.set", body, private={"title": stated.title.strip()}), by=by)
    return number


@command
def withdraw(noun: str, number: int, reason: str, *, by: Actor) -> None:
    """Takes an objective or a target back; its versions stay. Writes `objective.withdrawn` or `target.withdrawn`."""
    held = seats.of_person(by.person)
    chain = lock(f"{noun}/{number}")
    found = visible(noun, number, held)
    purpose = "objective" if noun == "objective" else found.purpose
    permissions.check(rules.setting(held, purpose, found.span.unit))
    if not 3 <= len(reason.strip()) <= 2000:
        raise bad_input([Fault("/reason", "TARGET-5", "Say why, in 3 to 2,000 characters.")])
    if found.state != "set":
        raise conflict("target-withdrawn", "It is withdrawn", "It is withdrawn already. [TARGET-6]")
    if noun == "objective" and targets.of_objectives([number]):
        say = "Key results hang on it. Withdraw them first. [TARGET-7]"
        raise conflict("objective-has-key-results", "Not withdrawn", say)
    append(chain, Draft(f"{noun}.withdrawn", {}, private={"reason": reason.strip()}), by=by)


@step
def _next(noun: str, number: int | None, held: tuple[SeatView, ...], span: Span) -> tuple[Chain, int, int]:
    """(stream, version, number) of what is set."""
    units = visible_units(held)
    if span.unit is not None and (
        not organisation.has_unit(span.unit) or (units is not None and span.unit not in units)
    ):
        raise not_found(f"Unit {span.unit[:40]}")
    if number is None:
        number = targets.next_number(noun)
        return lock(f"{noun}/{number}"), 1, number
    chain = lock(f"{noun}/{number}")
    return chain, visible(noun, number, held).version + 1, number


def _placed(stated: Goal, held: tuple[SeatView, ...]) -> Goal:
    if stated.purpose == "plan":
        return replace(stated, objective=None)
    if stated.objective is None:
        raise bad_input([Fault("/objective", "TARGET-8", "A key result belongs to an objective. Name it.")])
    objective = visible("objective", stated.objective, held)
    if objective.state != "set":
        raise conflict("target-withdrawn", "It is withdrawn", "The objective is withdrawn. [TARGET-6]")
    return replace(stated, span=objective.span)


def visible(noun: str, number: int, held: tuple[SeatView, ...]) -> Any:
    row: Any = targets.objective(number) if noun == "objective" else targets.target(number)
    found = None if row is None else row.objective if noun == "objective" else row.target
    units = visible_units(held)
    if found is None or (units is not None and found.span.unit not in units):
        raise not_found(f"{noun.capitalize()} {number}")
    return found


def _span(span: Span) -> dict[str, Any]:
    return {"period": span.name, "first": span.first, "until": span.until, "unit": span.unit}
