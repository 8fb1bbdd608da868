"""Judges again: was this decision what the policy of its moment said, and did the deal move only so far?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standings
from pipeline.rules import booked, gate, terms
from pipeline.rules.deal import DealView
from pipeline.rules.decision import Decision
from pipeline.rules.policy import HISTORY, LOST, Policy

DECISIONS = ("deal.advanced", "gate.refused", "booking.recorded", "booking.reversed")
_PASSED = {"deal.advanced": True, "gate.refused": False, "booking.recorded": True, "booking.reversed": False}
_TERMS = ("amount_minor", "currency", "close_on")


def decision(policy: Policy, deal: DealView, standings: Standings, entry: Entry) -> Iterator[Deviation]:
    """Compares a recorded decision with a new judgement of the same facts at the same moment."""
    said = entry.body.get("decision")
    if said is None:
        yield Deviation("decision", "the decision of the gate", None)
        return
    again = _judge(policy, deal, standings, entry, said)
    erased = {key for key in deal.private if deal.inputs.get(key) is None}
    passed = not any(result.holds and result.key not in erased for result in again.results)
    # What owes nothing any more leaves the line of what is booked under waiver, to be booked anew.
    moves = entry.kind == "booking.reversed" and passed and booked.place(again) != deal.place
    if passed != _PASSED[entry.kind] and not moves:
        open_ones = ", ".join(result.key for result in again.refusals) or "nothing"
        yield Deviation("gate", f"{'open' if passed else 'shut'} (unmet: {open_ones})", entry.kind)
    if (said["policy"], said["from"], said["to"]) != (policy.version, again.from_stage, again.to_stage):
        yield Deviation(
            "decision",
            [policy.version, again.from_stage, again.to_stage],
            [said["policy"], said["from"], said["to"]],
        )
    expected = [[result.key, result.state, result.fact] for result in again.results if result.key not in erased]
    found = [result for result in said["results"] if result[0] not in erased]
    if expected != found:
        yield _first_difference(expected, found)
    elif said["facts"] != again.facts_hash:
        yield Deviation("decision.facts", again.facts_hash, said["facts"])


def _judge(policy: Policy, deal: DealView, standings: Standings, entry: Entry, said: Mapping[str, Any]) -> Decision:
    if entry.kind.startswith("booking."):
        return booked.judge(policy, deal, standings, now=entry.recorded_at)
    return gate.evaluate(policy, deal, standings, said["to"], now=entry.recorded_at)


def _first_difference(expected: list[Any], found: list[Any]) -> Deviation:
    for wanted, had in zip(expected, found, strict=False):
        if wanted != had:
            return Deviation(f"decision.results {wanted[0]}", wanted, had)
    return Deviation("decision.results", f"{len(expected)} requirements", f"{len(found)} requirements")


def movement(policy: Policy, was: DealView | None, now: DealView, entry: Entry) -> Iterator[Deviation]:
    """What an entry may change in a deal: the stage by a step of its kind, terms by an amendment only."""
    kind = entry.kind
    if was is None:
        first = HISTORY if kind == "deal.imported" else policy.first_stage.key
        if kind not in ("deal.opened", "deal.imported"):
            yield Deviation("kind", "deal.opened", kind)
        elif now.stage not in (first, policy.first_stage.key):
            yield Deviation("stage", first, now.stage)
    else:
        yield from _step(policy, was, now, entry)
        if now.policy_version != was.policy_version and kind != "deal.rebound":
            yield Deviation("policy_version", was.policy_version, now.policy_version)
        if kind not in ("deal.amended", "deal.imported"):
            yield from _kept(was, now, _TERMS)
        if kind != "deal.assigned":
            yield from _kept(was, now, ("owner", "unit"))
    expected = terms.fingerprint(now)
    if expected != now.terms:
        yield Deviation("terms", expected, now.terms)


def _step(policy: Policy, was: DealView, now: DealView, entry: Entry) -> Iterator[Deviation]:
    here, there = policy.position(was.stage), policy.position(now.stage)
    following, last = policy.next_stage(was.stage), len(policy.stages) - 1
    if entry.kind in ("deal.advanced", "booking.recorded"):
        expected = following.key if following else None
        if now.stage != expected or (entry.kind == "booking.recorded") != (there == last):
            yield Deviation("stage", expected, now.stage)
    elif entry.kind in ("deal.returned", "booking.reversed"):
        if here is None or there is None or there >= here:
            yield Deviation("stage", f"before {was.stage}", now.stage)
    elif entry.kind == "deal.lost":
        if here is None or now.stage != LOST or entry.body.get("reason") not in policy.loss_reasons:
            yield Deviation("stage", "an open deal, lost for a reason of its policy", f"{was.stage} → {now.stage}")
    elif entry.kind == "deal.reopened":
        if was.stage not in (LOST, HISTORY) or there != 0:
            yield Deviation("stage", policy.first_stage.key, now.stage)
    elif now.stage != was.stage and entry.kind != "deal.rebound":
        yield Deviation("stage", was.stage, now.stage)


def _kept(was: DealView, now: DealView, names: tuple[str, ...]) -> Iterator[Deviation]:
    for name in names:
        if getattr(was, name) != getattr(now, name):
            yield Deviation(name, str(getattr(was, name)), str(getattr(now, name)))
