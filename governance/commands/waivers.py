"""Waivers: one function asks, another decides; at its end, unmet, the deal steps back. Each is an entry of the deal."""

from __future__ import annotations

import logging
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import Error

from governance import permissions
from governance.queries import evidence, waivers
from governance.rules import waiver as rules
from governance.rules.waiver import Waiver
from ledger.commands.append import Draft, append
from ledger.rules.actor import SYSTEM, Actor
from ledger.rules.problems import Fault, Problem, bad_input, conflict
from ledger.rules.standing import waiver_key
from ledger.transactions import command
from pipeline import permissions as deal_permissions
from pipeline.commands import booking, closing
from pipeline.queries import deals, organisation, policies
from pipeline.rules import gate
from pipeline.rules.policy import HISTORY, LOST

log = logging.getLogger(__name__)


@command
def ask(
    number: int, key: str, reason: str, expires: date | None, step: str, *, by: Actor, expected: int | None = None
) -> int:
    """Asks that another function waives a requirement until a day; writes `waiver.requested`, returns its number.

    Raises bad-input with every fault, forbidden for who has no part in the deal, and waiver-open or
    requirement-met (409).
    """
    locked = deals.lock(number, by.person)
    view = locked.view
    deal_permissions.check_can_see(locked.seats, view)
    if expected is not None and expected != view.version:
        raise deal_permissions.stale_version(view.ref, expected, view.version)
    if view.stage in (LOST, HISTORY):
        raise conflict(
            "deal-closed", "The deal is closed", f"{view.ref} is in {view.stage}. Re-open it first. [DEAL-1]"
        )
    policy = policies.version(view.policy_version)
    zone = locked.company.timezone
    today = locked.company.day_of(locked.now)
    faults = rules.faults(policy, key, reason, expires, step, today, locked.now, zone)
    need = rules.requirement_of(policy, key)
    if faults or need is None or expires is None:
        raise bad_input(faults)
    function, refusal = rules.asking(by, locked.seats, view, need)
    permissions.check(refusal)
    if waivers.open_of(locked.chain.stream, key) is not None:
        raise conflict("waiver-open", "There is one already", f"A waiver of “{key}” is open on {view.ref}. [WAIVER-6]")
    if gate.judge_one(policy, view, locked.standings, need, now=locked.now).state in ("met", "not_applicable"):
        raise conflict("requirement-met", "Nothing to waive", f"“{key}” is met on {view.ref}. [WAIVER-8]")
    facts = {"reason": reason, "function": function, "value_minor": view.value_minor or 0}
    body = {
        "key": waiver_key(key),
        "requirement": "waiver",
        "valid_until": rules.end_of(expires, locked.now, zone),
        "facts": facts,
    }
    draft = Draft("waiver.requested", body, private={"step": step.strip()}, policy=policy.version)
    (entry,) = append(locked.chain, draft, by=by)
    return entry.id


@command
def decide(number: int, key: str, granted: bool, *, by: Actor, note: str = "", expected: int | None = None) -> None:
    """The second signature: writes `waiver.granted` or `waiver.refused`; booked under waiver when it was the last
    condition. Whoever asked may take the request back; nobody else of their function decides on it.
    """
    locked = deals.lock(number, by.person)
    view = locked.view
    deal_permissions.check_can_see(locked.seats, view)
    if expected is not None and expected != view.version:
        raise deal_permissions.stale_version(view.ref, expected, view.version)
    held = _asked(locked, key)
    taken_back = not granted and by.person == held.requester
    function, refusal = rules.deciding(by, locked.seats, view, held, evidence.paid_on(view))
    if not taken_back:
        permissions.check(refusal)
    if granted:
        _check_budget(locked, held)
    elif not taken_back and not 3 <= len(note.strip()) <= 2000:
        raise bad_input([Fault("/note", "WAIVER-9", "Say why not, in 3 to 2,000 characters.")])
    kind = "waiver.granted" if granted else "waiver.refused"
    body = _body(held, {"function": function, "reason": held.reason})
    if granted:
        body |= {"valid_until": held.valid_until}
    append(locked.chain, Draft(kind, body, private={"note": note.strip()}, policy=view.policy_version), by=by)
    booking.settle(number, locked.chain, locked.company, by=by)


@command
def end(number: int, key: str) -> bool:
    """Ends a waiver whose time is over; False when another worker was first.

    Unmet, the deal goes back to the stage before the gate that asked (`deal.returned`), or is un-booked
    (`booking.reversed`). A request that nobody answered is refused by the system.
    """
    locked = deals.lock(number, SYSTEM.person)
    held = waivers.open_of(locked.chain.stream, key)
    if held is None or held.valid_until > locked.now:
        return False
    view = locked.view
    if held.state == "requested":
        append(locked.chain, Draft("waiver.refused", _body(held, {}), policy=view.policy_version), by=SYSTEM)
        return True
    policy = policies.version(view.policy_version)
    append(locked.chain, Draft("waiver.ended", _body(held, {}), policy=view.policy_version), by=SYSTEM)
    need = rules.requirement_of(policy, key)
    back = rules.returns_to(policy, view.stage, key)
    owed = need is None or gate.judge_one(policy, view, locked.standings, need, now=locked.now).state == "unmet"
    if owed and back is not None and back != policy.stages[-2].key:
        why = f"The waiver of {key} has run out and it is still owed."
        closing.step_back(locked, policy, back, why, by=SYSTEM)
    booking.settle(number, locked.chain, locked.company, by=SYSTEM)
    return True


def sweep() -> int:
    """Ends all that is due; each in its own transaction, so one that fails holds nobody up."""
    done = 0
    for deal, key in waivers.ended():
        try:
            done += end(deal, key)
        except (Problem, Error) as error:  # the next sweep tries again; the gate refuses what has run out meanwhile
            log.error("the end of the waiver of %s on deal %s failed: %s", key, deal, error)
    return done


def _asked(locked: deals.Locked, key: str) -> Waiver:
    held = waivers.open_of(locked.chain.stream, key)
    if held is None or held.state != "requested" or held.valid_until <= locked.now:
        say = f"No request to waive “{key[:40]}” waits on {locked.view.ref}. Read it again. [WAIVER-10]"
        raise conflict("waiver-not-asked", "Nothing waits", say)
    return held


def _body(held: Waiver, facts: dict[str, object]) -> dict[str, object]:
    return {"key": waiver_key(held.key), "requirement": "waiver", "facts": {"waiver": held.id, **facts}}


def _check_budget(locked: deals.Locked, held: Waiver) -> None:
    limit = policies.version(locked.view.policy_version).thresholds.get(rules.BUDGET)
    company = organisation.company()
    began = rules.quarter_began(company.day_of(locked.now), company.fiscal_start_month)
    waivers.hold_team(held.unit, held.requester_function)
    since = datetime.combine(began, time(), ZoneInfo(company.timezone))
    owed = sum(rules.promised(one, locked.now) for one in waivers.of_team(held.unit, held.requester_function, since))
    over = rules.over_budget(None if limit is None else int(limit), owed, rules.promised(held, locked.now))
    if over:
        raise conflict("waiver-budget", "The budget of the quarter is spent", over)
