"""A function signs under the terms of a deal, by their fingerprint."""

from __future__ import annotations

from governance import permissions
from governance.queries import evidence, people
from governance.rules import verification
from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, conflict
from ledger.transactions import command
from pipeline import permissions as deal_permissions
from pipeline.commands import booking
from pipeline.queries import deals, policies
from pipeline.rules.deal import DealView
from pipeline.rules.policy import HISTORY, LOST, Requirement


@command
def attest(number: int, function: str, terms: str, *, by: Actor, expected: int | None = None) -> DealView:
    """Writes `attestation.given` for a function, bound to the present terms; books when it was the last condition.

    Raises terms-changed (409) when `terms` is not the fingerprint of the present terms, and
    separation-of-duties when this person may not sign for that function. Signing twice changes nothing.
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
    wanted = {need.function: need for stage in policies.version(view.policy_version).stages for need in stage.gate
              if need.kind == "attestation"}  # fmt: skip
    need = wanted.get(function)
    if need is None:
        raise bad_input([Fault("/function", "ATT-1", f"“{function}” does not attest. These do: {', '.join(wanted)}.")])
    if terms != view.terms:
        raise conflict(
            "terms-changed",
            "The terms have changed",
            f"You signed under other terms than {view.ref} has now. Read them again, then attest. [ATT-2]",
            terms=view.terms,
        )
    _check_duties(locked, need, by)
    standing = locked.standings.get(need.key)
    if standing is not None and standing.effect == "met" and standing.facts.get("terms") == terms:
        return view
    append(
        locked.chain,
        Draft(
            "attestation.given",
            {"key": need.key, "requirement": "attestation", "function": function, "facts": {"terms": terms}},
            policy=view.policy_version,
        ),
        by=by,
    )
    booking.settle(number, locked.chain, locked.company, by=by)
    return deals.read_one(number).view


def _check_duties(locked: deals.Locked, need: Requirement, by: Actor) -> None:
    view = locked.view
    given = {
        standing.actor
        for key, standing in locked.standings.items()
        if standing.status == "given" and key != need.key and standing.facts.get("terms") == view.terms
    }
    paid = evidence.paid_on(view)
    refusal = verification.attesting(by, locked.seats, view, need.function, given, paid)
    if refusal is not None:
        near = {*given, *paid, view.owner_person, by.person}
        permissions.check(refusal, [name for _, name in people.holders(need.function, view.unit, without=near)])
