"""Handshakes: one function offers, another accepts, refuses with a counter-offer, or withdraws what it accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from governance import permissions
from governance.queries import evidence, milestones, people
from governance.rules import handshake as rules
from governance.rules import milestone
from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, conflict, not_found
from ledger.transactions import command
from pipeline import permissions as deal_permissions
from pipeline.commands import booking
from pipeline.queries import deals, policies
from pipeline.rules.policy import MilestoneTemplate


@command
def act(
    number: int, decision: str, *, by: Actor, day: date | None = None, earliest: date | None = None, note: str = ""
) -> None:
    """One step of a handshake; writes `handshake.offered`, `.accepted`, `.refused` or `.withdrawn`.

    `day`: by when the offer asks for it. `earliest`: the counter-offer of a refusal. Accepted, it binds to the facts
    that its milestone names, and books when it was the last condition; withdrawn, it un-books. Raises bad-input with
    every fault, no-handshake and handshake-state (409), forbidden and separation-of-duties.
    """
    deal, key = milestones.deal_of(number)
    locked = deals.lock(deal, by.person)
    view = locked.view
    if not deal_permissions.can_see_unit(locked.seats, view.unit):
        raise not_found(f"Milestone {number}")
    policy = policies.version(view.policy_version)
    if not policy.is_handshake(key):
        raise conflict("no-handshake", "This is verified", "This milestone is verified, not accepted. [HAND-7]")
    standing = locked.standings[key]
    wrong = rules.wrong_state(decision, standing.status)
    if wrong:
        say = f"{wrong} Read it again. [HAND-8]"
        raise conflict("handshake-state", "The handshake has moved on", say, state=standing.status)
    faults = rules.faults(decision, day, earliest, note, locked.company.day_of(locked.now))
    if faults:
        raise bad_input(faults)
    facts: Mapping[str, Any] = {}
    if decision == "offered" and day is not None:
        function, refusal = rules.offering(by, locked.seats, view, standing.function)
        permissions.check(refusal)
        facts = rules.offer(day, function, by.person)
    elif decision == "withdrawn":
        permissions.check(rules.withdrawing(by, locked.seats, view, standing))
        facts = {"date": standing.facts["date"], "offered_by": standing.facts["offered_by"]}
    else:
        _check_answer(locked, standing.function, rules.answering(by, locked.seats, view, standing, _paid(locked)), by)
        if decision == "accepted":
            facts = rules.accepted(_known(policy.milestones[key], locked), view, standing.facts)
        else:
            facts = {**standing.facts, "earliest": earliest}
    body = {"key": key, "requirement": "handshake", "facts": facts}
    draft = Draft(f"handshake.{decision}", body, private={"note": note.strip()}, policy=policy.version)
    append(locked.chain, draft, by=by)
    booking.settle(view.id, locked.chain, locked.company, by=by)


def _paid(locked: deals.Locked) -> frozenset[int]:
    return evidence.paid_on(locked.view)


def _check_answer(locked: deals.Locked, function: str, refusal: Any, by: Actor) -> None:
    if refusal is not None:
        near = {*_paid(locked), locked.view.owner_person, by.person}
        permissions.check(refusal, [name for _, name in people.holders(function, locked.view.unit, without=near)])


def _known(template: MilestoneTemplate, locked: deals.Locked) -> MilestoneTemplate:
    unknown = milestone.unknown(template, locked.view)
    if unknown:
        say = f"This rests on {', '.join(unknown)}, not known yet. Give it first."
        raise bad_input([Fault("/decision", "HAND-9", say)])
    return template
