"""A role approves a deal where the policy asks for it, for the amount that it saw."""

from __future__ import annotations

from governance import permissions
from governance.queries import evidence
from governance.rules import verification
from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input
from ledger.transactions import command
from pipeline import permissions as deal_permissions
from pipeline.commands import booking
from pipeline.queries import deals, policies
from pipeline.rules.deal import DealView

BINDS = ("amount", "currency")


@command
def approve(number: int, key: str, *, by: Actor, expected: int | None = None) -> DealView:
    """Writes `approval.given` for a requirement of kind approval; it is void as soon as the amount changes.

    Raises separation-of-duties for the owner, for who is paid on the deal, and for who lacks the role.
    """
    locked = deals.lock(number, by.person)
    view = locked.view
    deal_permissions.check_can_see(locked.seats, view)
    if expected is not None and expected != view.version:
        raise deal_permissions.stale_version(view.ref, expected, view.version)
    policy = policies.version(view.policy_version)
    wanted = {need.key: need for stage in policy.stages for need in stage.gate if need.kind == "approval"}
    need = wanted.get(key)
    if need is None:
        known = ", ".join(wanted) or "none"
        raise bad_input([Fault("/requirement", "APP-1", f"“{key}” is no approval of this policy. Approvals: {known}.")])
    paid = evidence.paid_on(view)
    permissions.check(verification.approving(by, locked.seats, view, need.role, paid))
    facts = {"role": need.role, "facts": {name: view.fact(name) for name in BINDS}, "tolerance": {}}
    body = {"key": key, "requirement": "approval", "function": need.owner_function, "facts": facts}
    append(locked.chain, Draft("approval.given", body, policy=policy.version), by=by)
    booking.settle(number, locked.chain, locked.company, by=by)
    return deals.read_one(number).view
