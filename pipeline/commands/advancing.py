"""The one door through which a deal moves forward."""

from __future__ import annotations

from dataclasses import replace

from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.transactions import command
from pipeline import permissions
from pipeline.commands import booking, decisions
from pipeline.queries import deals, policies
from pipeline.rules import booked, gate, stages, value
from pipeline.rules.decision import Decision


@command
def advance(number: int, to: str, *, by: Actor, expected: int | None = None) -> Decision:
    """Locks the deal, judges the gate into `to` and writes what follows, in one transaction.

    Passed: `deal.advanced` with the decision; the reactions plan the milestones of the new stage. Into the
    last stage it books instead (`booking.recorded`). Refused: `gate.refused` with every reason, committed as
    well. A deal that stands in `to` already is left alone: the answer is the gate that it went through.
    Raises not-found, forbidden, bad-input for a stage that is not there, and stale-version (412) when `expected`
    is not the deal's version.
    """
    locked = deals.lock(number, by.person)
    view = locked.view
    permissions.check_can_act(by, locked.seats, view)
    policy = policies.version(view.policy_version)
    stages.check(policy, to)
    if view.stage == to and policy.position(to):
        before = replace(view, stage=policy.stages[(policy.position(to) or 1) - 1].key)
        return gate.evaluate(policy, before, locked.standings, to, now=locked.now)
    if expected is not None and expected != view.version:
        raise permissions.stale_version(view.ref, expected, view.version)
    decision = gate.evaluate(policy, view, locked.standings, to, now=locked.now)
    if decision.passed and to == policy.stages[-1].key:
        settled = booking.settle(number, locked.chain, locked.company, by=by)
        if settled is not None:
            return settled
        # The gate is open, and what booked means asks for more: the refusal says what.
        decision = booked.judge(policy, view, locked.standings, locked.now)
    if not decision.passed:
        append(
            locked.chain, Draft("gate.refused", {"decision": decisions.body(decision)}, policy=policy.version), by=by
        )
        return decision
    after = value.in_pipeline(replace(view, stage=to))
    append(
        locked.chain,
        Draft(
            "deal.advanced",
            {"after": after.after(), "decision": decisions.body(decision)},
            postings=value.postings(view, after, "advance", locked.company.currency),
            policy=policy.version,
        ),
        by=by,
    )
    if to == policy.stages[-2].key and locked.standings:
        booking.settle(number, locked.chain, locked.company, by=by)
    return decision
