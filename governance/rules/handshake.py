"""A handshake: a milestone that one function offers and another accepts, or refuses and says from when it could."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from governance.rules import milestone
from governance.rules.verification import Refusal
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault
from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standing, Standings
from pipeline.rules.deal import DealView
from pipeline.rules.policy import MilestoneTemplate, Policy
from pipeline.rules.replay import Organisation
from pipeline.rules.seats import SeatView, holds

DECISIONS = ("offered", "accepted", "refused", "withdrawn")
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "offered": ("planned", "refused", "withdrawn", "voided"),
    "accepted": ("offered",),
    "refused": ("offered",),
    "withdrawn": ("accepted",),
}
KINDS = tuple(f"handshake.{decision}" for decision in DECISIONS)


def wrong_state(decision: str, state: str) -> str | None:
    allowed = FOLLOWS[decision]
    if state in allowed:
        return None
    return f"This handshake is {state}; that act needs it to be {' or '.join(allowed)}."


def faults(decision: str, day: date | None, earliest: date | None, note: str, today: date) -> list[Fault]:
    found = []
    if decision == "offered" and (day is None or day < today):
        found.append(Fault("/date", "HAND-1", "Say the day by which you ask for it, today or later."))
    if decision in ("refused", "withdrawn") and not 3 <= len(note.strip()) <= 2000:
        found.append(Fault("/note", "HAND-2", "Say why, in 3 to 2,000 characters."))
    if decision == "refused" and earliest is not None and earliest < today:
        found.append(Fault("/earliest", "HAND-3", "The earliest date of a counter-offer is today or later."))
    return found


def offering(by: Actor, seats: Iterable[SeatView], deal: DealView, function: str) -> tuple[str, Refusal | None]:
    """The function in which this person offers: any but the one that is asked. The owner offers for sales."""
    held = [seat.function for seat in seats if seat.covers(deal.unit) and seat.function != function]
    if by.person == deal.owner_person and function != "sales":
        return "sales", None
    if held and not holds(seats, function, deal.unit):
        return held[0], None
    return "", Refusal("HAND-4", f"This is offered to {function} by another function in {deal.unit}.", False)


def answering(
    by: Actor, seats: Iterable[SeatView], deal: DealView, standing: Standing, paid: frozenset[int]
) -> Refusal | None:
    """Accepted or refused by the function that is asked: not by who offered, owns the deal or is paid on it."""
    people = set(by.people)
    if not holds(seats, standing.function, deal.unit):
        return Refusal("HAND-5", f"This is answered by {standing.function} in {deal.unit}. You hold no seat there.")
    if people & {standing.actor, standing.facts.get("by")}:
        return Refusal("SOD-17", "You offered this, so somebody of the other function answers it.")
    if deal.owner_person in people:
        return Refusal("SOD-18", "You own this deal, so another person answers it.")
    if people & paid:
        return Refusal("SOD-19", "You are paid on this deal, so another person answers it.")
    return None


def withdrawing(by: Actor, seats: Iterable[SeatView], deal: DealView, standing: Standing) -> Refusal | None:
    if holds(seats, standing.function, deal.unit):
        return None
    return Refusal("HAND-6", f"An acceptance is withdrawn by {standing.function} in {deal.unit}.", False)


def offer(day: date, function: str, person: int) -> dict[str, Any]:
    return {"date": day, "offered_by": function, "by": person}


def accepted(template: MilestoneTemplate, deal: DealView, offered: Mapping[str, Any]) -> dict[str, Any]:
    """The offer, bound to the facts that it was accepted for."""
    return {**milestone.bound(template, deal, []), **{name: offered[name] for name in ("date", "offered_by", "by")}}


def act(
    policy: Policy, deal: DealView, standings: Standings, entry: Entry, organisation: Organisation
) -> Iterator[Deviation]:
    """What was unlawful in an entry of `KINDS`."""
    decision, standing = entry.kind.split(".")[1], standings.get(entry.body["key"])
    template = policy.milestones.get(entry.body["key"])
    if standing is None or template is None or not policy.is_handshake(template.key):
        yield Deviation("key", "a handshake that was planned", entry.body["key"])
        return
    if wrong_state(decision, standing.status):
        yield Deviation("status", " or ".join(FOLLOWS[decision]), standing.status)
    by = Actor(entry.actor, "shell", on_behalf=entry.said["on_behalf"])
    seats = organisation.seats_of(entry.actor, entry.recorded_at)
    refusal: Refusal | None
    if decision == "offered":
        function, refusal = offering(by, seats, deal, standing.function)
        said = entry.body["facts"]
        if refusal is None and (said["offered_by"], said["by"]) != (function, entry.actor):
            yield Deviation("offered_by", [function, entry.actor], [said["offered_by"], said["by"]])
    elif decision == "withdrawn":
        refusal = withdrawing(by, seats, deal, standing)
    else:
        paid = frozenset(organisation.person_of(seat) for seat in deal.credits)
        refusal = answering(by, seats, deal, standing, paid)
        if decision == "accepted" and entry.body["facts"] != accepted(template, deal, standing.facts):
            yield Deviation("facts", accepted(template, deal, standing.facts), entry.body["facts"])
    if refusal is not None:
        yield Deviation("actor", f"somebody who may: {refusal.sentence} [{refusal.code}]", entry.actor)
