"""Reserves capacity for a deal, confirms it, gives it back; and lets what nobody renewed run out."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import Error

from governance import permissions
from governance.commands import holding
from governance.queries import evidence, pools
from governance.rules import delivery, reserving
from governance.rules.reserving import Answer
from ledger.commands.append import Draft, append
from ledger.rules.actor import SYSTEM, Actor
from ledger.rules.chain import Chain
from ledger.rules.problems import Problem, bad_input, conflict
from ledger.transactions import command, step
from pipeline import permissions as deal_permissions
from pipeline.commands import booking
from pipeline.queries import deals, policies
from pipeline.rules import staleness
from pipeline.rules.deal import DealView
from pipeline.rules.policy import HISTORY, LOST, Policy

log = logging.getLogger(__name__)


@command
def reserve(number: int, *, by: Actor, confirm: bool = False, expected: int | None = None) -> Answer:
    """Reserves every delivery month of a deal, all or none: softly for some days, or confirmed by operations.

    Writes an entry in each pool and `reservation.made` or `reservation.confirmed` on the deal. When it does not fit,
    writes `reservation.refused` with months, amounts, earliest start and order-by date, and takes nothing; a
    reservation that stands already stays. Asking again renews a soft one and leaves a confirmed one alone.
    """
    locked = deals.lock(number, by.person)
    view = locked.view
    deal_permissions.check_can_see(locked.seats, view)
    policy = policies.version(view.policy_version)
    rule = delivery.requirement(policy)
    paid = evidence.paid_on(view)
    if confirm:
        permissions.check(reserving.confirming(by, locked.seats, view, paid))
    else:
        function = rule.owner_function if rule else "sales"
        permissions.check(reserving.reserving(by, locked.seats, view, function, paid))
    if expected is not None and expected != view.version:
        raise deal_permissions.stale_version(view.ref, expected, view.version)
    if view.stage in (LOST, HISTORY):
        raise conflict(
            "deal-closed", "The deal is closed", f"{view.ref} is in {view.stage}. Re-open it first. [DEAL-1]"
        )
    faults = delivery.faults(view)
    if faults:
        raise bad_input(faults)
    standing = locked.standings.get(rule.key if rule else delivery.KEY)
    stands = standing is not None and standing.status == "confirmed" and not staleness.stale(standing.facts, view)
    if stands and not confirm:  # a soft wish takes no confirmation back
        held = holding.hold(view, locked.chain, delivery.need(view))
        return holding.answer(held, delivery.needed(view), holding.lead_days(policy.thresholds))
    answer = take(view, policy, locked.chain, confirm=confirm, by=by)
    if answer.fits:
        booking.settle(number, locked.chain, locked.company, by=by)
    elif not pools.of_deal(number):
        append(locked.chain, entry("reservation.refused", view, policy, facts=answer.facts()), by=by)
    return answer


@step
def take(
    view: DealView, policy: Policy, chain: Chain, *, confirm: bool, by: Actor, speaks: Actor | None = None
) -> Answer:
    """Takes what the deal needs when it fits; a confirmation that stands is taken back by a soft wish. `speaks` signs
    the entry of the deal, where that is not `by`."""
    need = delivery.needed(view)
    held = holding.hold(view, chain, need)
    answer = holding.answer(held, need, holding.lead_days(policy.thresholds))
    if not answer.fits:
        return answer
    states = {row.state for row in held.held.values()}
    wrote = holding.settle(held, need, "confirmed" if confirm else "soft", by=by)
    if confirm and not wrote:
        return answer
    softens = "reservation.softened" if "confirmed" in states else "reservation.made"
    kind = "reservation.confirmed" if confirm else softens
    append(chain, entry(kind, view, policy, chain), by=speaks or by)
    return answer


@step
def give_back(view: DealView, policy: Policy, chain: Chain, kind: str, why: str, *, by: Actor) -> bool:
    """Frees everything that a deal holds, by entry; False when it holds nothing."""
    held = holding.hold(view, chain, None)
    if not held.held:
        return False
    holding.settle(held, None, "none", by=by, why=why)
    append(chain, entry(kind, view, policy, why=why), by=by)
    return True


@command
def release(number: int, *, by: Actor, expected: int | None = None) -> bool:
    """Gives the capacity of a deal back; a booking that rests on it is reversed. Writes `reservation.released`."""
    locked = deals.lock(number, by.person)
    view = locked.view
    deal_permissions.check_can_see(locked.seats, view)
    permissions.check(reserving.reserving(by, locked.seats, view, "sales", ()))
    if expected is not None and expected != view.version:
        raise deal_permissions.stale_version(view.ref, expected, view.version)
    policy = policies.version(view.policy_version)
    freed = give_back(view, policy, locked.chain, "reservation.released", "given back", by=by)
    if freed:
        booking.settle(number, locked.chain, locked.company, by=by)
    return freed


@command
def expire(number: int) -> bool:
    """Frees a soft reservation that has run out; False when another worker was first or somebody renewed it."""
    locked = deals.lock(number, SYSTEM.person)
    rule = delivery.requirement(policies.version(locked.view.policy_version))
    standing = locked.standings.get(rule.key if rule else delivery.KEY)
    if standing is None or standing.effect != "met" or not standing.valid_until or standing.valid_until > locked.now:
        return False
    policy = policies.version(locked.view.policy_version)
    if not give_back(locked.view, policy, locked.chain, "reservation.expired", "ran out", by=SYSTEM):
        append(locked.chain, entry("reservation.expired", locked.view, policy), by=SYSTEM)
    booking.settle(number, locked.chain, locked.company, by=SYSTEM)
    return True


def sweep() -> int:
    """Frees all that has run out; each deal in its own transaction, so one that fails holds nobody up."""
    done = 0
    for number in pools.running_out():
        try:
            done += expire(number)
        except (Problem, Error) as error:  # the next sweep tries again; the gate refuses what has run out
            log.error("expiry of the reservation of deal %s failed: %s", number, error)
    return done


def entry(
    kind: str, view: DealView, policy: Policy, chain: Chain | None = None, *, facts: object = None, why: str = ""
) -> Draft:
    """What the deal says of its capacity."""
    rule = delivery.requirement(policy)
    body: dict[str, Any] = {
        "key": rule.key if rule else delivery.KEY,
        "requirement": "capacity",
        "function": (rule.owner_function if rule else "") or "sales",
        "facts": facts if facts is not None else delivery.bound(view),
    }
    if chain is not None and kind != "reservation.confirmed":
        days = reserving.days(policy.thresholds, "reservation-days", reserving.SOFT_DAYS)
        body["valid_until"] = chain.now + timedelta(days=days)
    if why:
        body["why"] = why
    return Draft(kind, body, policy=policy.version)
