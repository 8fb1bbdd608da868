"""Steps back, losses, re-openings and assignments: each with its reason, each an entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.postings import LOST as LOST_PLACE
from ledger.rules.problems import Fault, bad_input, conflict
from ledger.transactions import command, step
from pipeline import permissions
from pipeline.commands import amending, booking
from pipeline.queries import deals, policies, references
from pipeline.rules import terms, value
from pipeline.rules.deal import DealView
from pipeline.rules.policy import HISTORY, LOST, Policy


@command
def return_deal(
    number: int, to: str, reason: str, *, by: Actor, expected: int | None = None, on: date | None = None
) -> DealView:
    """Takes a deal back to an earlier stage; a booked one is un-booked in the period of this event: of today, or of
    the day `on` which it was true."""
    locked, policy = _open(number, by, expected)
    view = locked.view
    faults = _reason_faults(reason)
    position, target = policy.position(view.stage), policy.position(to)
    if position is None:
        raise conflict(
            "deal-closed", "The deal is closed", f"{view.ref} is in {view.stage}. Re-open it first. [DEAL-1]"
        )
    if target is None or target >= position:
        earlier = ", ".join(stage.key for stage in policy.stages[:position]) or "none"
        faults.append(Fault("/to", "DEAL-RETURN-1", f"“{to}” is not an earlier stage. Earlier stages: {earlier}."))
    faults += _late_faults(locked, policy, on)
    if faults:
        raise bad_input(faults)
    return step_back(locked, policy, to, reason, by=by, on=on)


@step
def step_back(
    locked: deals.Locked, policy: Policy, to: str, reason: str, *, by: Actor, on: date | None = None
) -> DealView:
    """Writes `deal.returned`: the deal stands in an earlier stage, un-booked in the month of this event."""
    view = locked.view
    booked = view.stage == policy.stages[-1].key
    after = value.in_pipeline(replace(view, stage=to))
    event = booking.event(locked.company, locked.now, "return", on)
    append(
        locked.chain,
        Draft(
            "deal.returned",
            {"after": after.after(), **event.body},
            postings=value.postings(
                view, after, event.cause if booked else "return", locked.company.currency,
                out_period=event.period if booked else None,
            ),
            effective=event.effective,
            private={"reason": reason.strip()},
            policy=policy.version,
        ),
        by=by,
    )  # fmt: skip
    return replace(after, version=locked.chain.version)


@command
def lose(
    number: int, reason: str, *, by: Actor, note: str = "", expected: int | None = None, on: date | None = None
) -> DealView:
    """Closes an open deal as lost, under a reason code of its policy. A booked one is cancelled in the period of this
    event: of today, or of the day `on` which the customer cancelled."""
    locked, policy = _open(number, by, expected)
    view = locked.view
    if policy.position(view.stage) is None:
        raise conflict("deal-closed", "The deal is closed", f"{view.ref} is in {view.stage} already. [DEAL-1]")
    if reason not in policy.loss_reasons:
        codes = ", ".join(policy.loss_reasons)
        raise bad_input([Fault("/reason", "DEAL-LOST-1", f"“{reason}” is no loss reason. Choose one of: {codes}.")])
    faults = _late_faults(locked, policy, on)
    if faults:
        raise bad_input(faults)
    booked = view.stage == policy.stages[-1].key
    event = booking.event(locked.company, locked.now, "cancelled", on)
    after = replace(view, stage=LOST)
    after = value.placed(after, "cancelled" if booked else LOST_PLACE, event.period if booked else view.period)
    append(
        locked.chain,
        Draft(
            "deal.lost",
            {"after": after.after(), "reason": reason, **event.body},
            postings=value.postings(
                view, after, event.cause if booked else "lost", locked.company.currency,
                out_period=event.period if booked else None,
            ),
            effective=event.effective,
            private={"note": note.strip()},
            policy=policy.version,
        ),
        by=by,
    )  # fmt: skip
    return replace(after, version=locked.chain.version)


@command
def reopen(number: int, reason: str, *, by: Actor, expected: int | None = None) -> DealView:
    """Re-opens a lost deal, or takes up imported history, in the first stage: every gate is passed again."""
    locked, policy = _open(number, by, expected)
    view = locked.view
    if view.stage not in (LOST, HISTORY):
        raise conflict(
            "deal-open", "The deal is open", f"{view.ref} is in {view.stage}; only a lost deal re-opens. [DEAL-2]"
        )
    faults = _reason_faults(reason)
    if faults:
        raise bad_input(faults)
    after = value.in_pipeline(replace(view, stage=policy.first_stage.key))
    append(
        locked.chain,
        Draft(
            "deal.reopened",
            {"after": after.after()},
            postings=value.postings(view, after, "reopened", locked.company.currency),
            private={"reason": reason.strip()},
            policy=policy.version,
        ),
        by=by,
    )
    return replace(after, version=locked.chain.version)


@command
def assign(number: int, seat: int, *, by: Actor, expected: int | None = None) -> DealView:
    """Gives a deal to another sales seat. Value moves with it (`transfer`); history stays with who made it."""
    locked, policy = _open(number, by, expected)
    view = locked.view
    permissions.check_can_assign(locked.seats, view)
    to = references.seat(seat)
    if to is None or to.function != "sales" or to.unit is None:
        raise bad_input([Fault("/owner", "DEAL-OWNER-2", f"Seat {seat} is no open sales seat of a unit.")])
    after = replace(view, owner=to.id, unit=to.unit)
    after = replace(after, terms=terms.fingerprint(after))
    if (after.owner, after.unit) == (view.owner, view.unit):
        return view
    out = None
    if view.stage == policy.stages[-1].key:
        after, out = booking.restated(view, after, locked.company, locked.now)
    append(
        locked.chain,
        Draft(
            "deal.assigned",
            {"after": after.after()},
            postings=value.postings(view, after, "transfer", locked.company.currency, out_period=out),
            policy=policy.version,
        ),
        *amending.void(policy, after, locked.standings, near=references.people_near(after)),
        by=by,
    )
    booking.settle(number, locked.chain, locked.company, by=by)
    return deals.read_one(number).view


def _open(number: int, by: Actor, expected: int | None) -> tuple[deals.Locked, Policy]:
    locked = deals.lock(number, by.person)
    permissions.check_can_act(by, locked.seats, locked.view)
    if expected is not None and expected != locked.view.version:
        raise permissions.stale_version(locked.view.ref, expected, locked.view.version)
    return locked, policies.version(locked.view.policy_version)


def _late_faults(locked: deals.Locked, policy: Policy, on: date | None) -> list[Fault]:
    """A day on which it was true lies between the booking and today."""
    if on is None:
        return []
    view, today = locked.view, locked.company.day_of(locked.now)
    if on > today:
        return [Fault("/on", "DEAL-ON-1", f"{on} has not come yet. Give a day up to {today}, or none for today.")]
    if view.stage == policy.stages[-1].key and view.period is not None and on < view.period:
        return [Fault("/on", "DEAL-ON-2", f"{on} lies before the month in which {view.ref} was booked.")]
    return []


def _reason_faults(reason: str) -> list[Fault]:
    if len(reason.strip()) >= 3 and len(reason) <= 2000:
        return []
    return [Fault("/reason", "DEAL-REASON-1", "Say why, in 3 to 2,000 characters.")]
