"""Changes the terms of a deal. Terms are amended, never unlocked: what rested on the old ones falls with them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.postings import Cause
from ledger.rules.problems import Fault, bad_input, conflict
from ledger.rules.standing import Standings
from ledger.transactions import command
from pipeline import permissions
from pipeline.commands import booking
from pipeline.commands import wording as words
from pipeline.queries import deals, policies, rates, references
from pipeline.rules import given, names, staleness, terms, value
from pipeline.rules.deal import DealView
from pipeline.rules.policy import HISTORY, LOST, Policy


@command
def amend(
    number: int,
    stated: Mapping[str, Any],
    *,
    by: Actor,
    expected: int | None = None,
    wording: Mapping[str, str] | None = None,
) -> DealView:
    """Amends fields of `given.parse` on a deal; writes `deal.amended` and what follows from it.

    `wording` is a new title or description; a change of it is an entry of its own, `wording.changed`.

    Verifications whose bound facts moved beyond tolerance become stale (`milestone.staled`), attestations to
    the old terms are voided, and a booking that rested on them is reversed, all in this transaction. Nothing
    changes when nothing differs. Raises Problem with every fault at once.
    """
    locked = deals.lock(number, by.person)
    was = locked.view
    permissions.check_can_act(by, locked.seats, was)
    if expected is not None and expected != was.version:
        raise permissions.stale_version(was.ref, expected, was.version)
    if was.stage in (LOST, HISTORY):
        raise conflict("deal-closed", "The deal is closed", f"{was.ref} is in {was.stage}. Re-open it first. [DEAL-1]")
    policy = policies.version(was.policy_version)
    parsed = given.parse(policy, stated, currency=was.currency or locked.company.currency)
    now = replace(was, **parsed.values, inputs={**was.inputs, **parsed.inputs})
    there = references.known(now, policy, parsed.inputs, by.person)
    faults = parsed.faults + given.order_faults(now) + references.faults(now, policy, parsed.inputs, there)
    said = {name: names.plain(text) if name == "title" else text.strip() for name, text in (wording or {}).items()}
    faults += words.faults(said)
    if was.stage == policy.stages[-1].key and (now.amount_minor is None or now.close_on is None):
        faults.append(Fault("/amount", "DEAL-AMEND-1", "A booked deal keeps an amount and a close. Return it instead."))
    if faults:
        raise bad_input(faults)
    now = _with_new_private(references.with_names(now, there), was, policy)
    if (now.amount_minor, now.currency) != (was.amount_minor, was.currency):
        today = locked.company.day_of(locked.now)
        priced = rates.required if was.stage == policy.stages[-1].key else rates.known  # what is booked has a value
        rate = priced(now.currency or locked.company.currency, locked.company.currency, today)
        now = value.priced(now, rate, locked.company.currency)
    out = None
    if was.stage == policy.stages[-1].key:
        now, out = booking.restated(was, now, locked.company, locked.now)
    else:
        now = value.in_pipeline(now)
    now = replace(now, terms=terms.fingerprint(now))
    confirmed = parsed.at(locked.now)
    if now.after() == was.after() and not any(
        policy.inputs[key].fresh_days for key in confirmed if key in policy.inputs
    ):
        drafts = words.change(number, said)
        if drafts:
            append(locked.chain, *drafts, by=by)
        return deals.read_one(number).view if drafts else was
    now = replace(now, input_at={**was.input_at, **confirmed})
    append(
        locked.chain,
        Draft(
            "deal.amended",
            {"after": now.after(), "changed": sorted(_changed(was, now))},
            postings=value.postings(was, now, _cause(was, now), locked.company.currency, out_period=out),
            private={key: (now.private[key], str(now.inputs[key])) for key in _new_private(was, now)},
            policy=policy.version,
        ),
        *words.change(number, said),
        *void(policy, now, locked.standings, near=references.people_near(now) if now.credits != was.credits else ()),
        by=by,
    )
    booking.settle(number, locked.chain, locked.company, by=by)
    return deals.read_one(number).view


def void(policy: Policy, now: DealView, standings: Standings, *, near: Collection[int] = ()) -> Iterator[Draft]:
    """What no longer stands under the new facts of a deal. `near` own it or are paid on it from now on: what they
    verified, or attested for another function than sales, needs somebody else's word."""
    for key, standing in standings.items():
        if standing.effect != "met":
            continue
        if policy.is_handshake(key):
            change = staleness.stale(standing.facts, now)
            if change is not None or standing.actor in near:
                fact = change.fact if change else "owner"
                yield Draft("handshake.voided", {"key": key, "requirement": "handshake", "fact": fact})
        elif key in policy.milestones:
            if standing.actor in near:
                yield Draft("milestone.staled", {"key": key, "requirement": "milestone", "fact": "owner"})
                continue
            change = staleness.stale(standing.facts, now)
            if change is not None:
                yield Draft("milestone.staled", {"key": key, "requirement": "milestone", "fact": change.fact})
        elif "terms" in standing.facts and (
            standing.facts["terms"] != now.terms or (standing.function != "sales" and standing.actor in near)
        ):
            yield Draft("attestation.voided", {"key": key, "requirement": "attestation"})
        elif "role" in standing.facts and (staleness.stale(standing.facts, now) is not None or standing.actor in near):
            yield Draft("approval.voided", {"key": key, "requirement": "approval"})


def _cause(was: DealView, now: DealView) -> Cause:
    if value.position(was) is None:
        return "new"
    if value.position(now) is None:
        return "amount"
    return value.slip_cause(was.close_on, now.close_on)


def _changed(was: DealView, now: DealView) -> set[str]:
    before, after = was.after(), now.after()
    core = {
        name
        for name in after
        if name not in ("inputs", "input_at", "terms", "place", "period") and before[name] != after[name]
    }
    return core | {key for key in now.inputs if now.inputs[key] != was.inputs.get(key)}


def _new_private(was: DealView, now: DealView) -> list[str]:
    return [key for key, identity in now.private.items() if was.private.get(key) != identity and now.inputs.get(key)]


def _with_new_private(now: DealView, was: DealView, policy: Policy) -> DealView:
    """A changed free text gets a new erasable place; the old one keeps what was said before."""
    private = dict(was.private)
    for key, text in now.inputs.items():
        if text != was.inputs.get(key):
            private.pop(key, None)
            if text and policy.inputs[key].type == "text":
                private[key] = str(uuid.uuid4())
    return replace(now, private=private)
