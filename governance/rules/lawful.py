"""Judges verifications, attestations and approvals again, with the seats of their moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from governance.rules import milestone, replanning, reserving, verification
from governance.rules.verification import Conflicts, Refusal
from ledger.rules.actor import SYSTEM_PERSON, Actor
from ledger.rules.envelope import microseconds
from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standing, Standings
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.replay import Organisation

JUDGED = ("milestone.verified", "milestone.rejected", "attestation.given", "approval.given",
          "reservation.confirmed")  # fmt: skip
# Steps on the way to a verification, and back from one: the act whose states they follow.
STEPS = {
    "milestone.started": "start",
    "milestone.submitted": "submit",
    "evidence.added": "evidence",
    "milestone.revoked": "revoke",
    "milestone.replanned": "replan",
    "handshake.replanned": "replan",
    "milestone.expired": None,
}


def act(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    entry: Entry,
    organisation: Organisation,
    evidence: Mapping[str, Sequence[tuple[int, str]]],
) -> Iterator[Deviation]:
    """What was unlawful in an entry of `JUDGED`. `evidence`: key → (who added it, its hash), in order."""
    said = entry.said
    by = Actor(entry.actor, "shell", on_behalf=said["on_behalf"])
    key = entry.body["key"]
    held = organisation.seats_of(entry.actor, entry.recorded_at)
    paid = frozenset(organisation.person_of(seat) for seat in deal.credits)
    standing = standings.get(key)
    refusal: Refusal | None
    if entry.kind == "attestation.given":
        function = entry.body["function"]
        given = [
            other.actor
            for name, other in standings.items()
            if other.status == "given" and name != key and other.facts.get("terms") == deal.terms
        ]
        refusal = verification.attesting(by, held, deal, function, given, paid)
        if entry.body["facts"].get("terms") != deal.terms:
            yield Deviation("facts.terms", deal.terms, entry.body["facts"].get("terms"))
    elif entry.kind == "reservation.confirmed":
        # The booking itself keeps what was held for it.
        booked = entry.actor == SYSTEM_PERSON and deal.stage == policy.stages[-1].key
        refusal = None if booked else reserving.confirming(by, held, deal, paid)
    elif entry.kind == "approval.given":
        wanted = {need.key: need.role for stage in policy.stages for need in stage.gate if need.kind == "approval"}
        if key not in wanted:
            yield Deviation("key", "an approval of the policy", key)
            return
        refusal = verification.approving(by, held, deal, wanted[key], paid)
    else:
        if standing is None or standing.status != "submitted":
            yield Deviation("status", "submitted", standing.status if standing else None)
            return
        pieces = evidence.get(key, ())
        conflicts = Conflicts(frozenset(person for person, _ in pieces), paid)
        refusal = verification.verifying(by, held, deal, standing, conflicts)
        if entry.kind == "milestone.verified":
            yield from _bound(policy, deal, entry, standing, [digest for _, digest in pieces])
    if refusal is not None:
        yield Deviation("actor", f"somebody who may: {refusal.sentence} [{refusal.code}]", entry.actor)


def _bound(policy: Policy, deal: DealView, entry: Entry, standing: Standing, pieces: list[str]) -> Iterator[Deviation]:
    template = policy.milestones.get(standing.key)
    if template is None:
        yield Deviation("key", "a milestone of the policy", standing.key)
        return
    expected = milestone.bound(template, deal, pieces)
    if entry.body.get("facts") != expected:
        yield Deviation("facts", expected, entry.body.get("facts"))
    if list(entry.said["evidence"]) != pieces:
        yield Deviation("evidence", pieces, entry.said["evidence"])
    until = entry.body.get("valid_until")
    if template.valid_days:
        # The moment of the judgement is at most microseconds before that of its entry.
        latest = microseconds(entry.recorded_at + timedelta(days=template.valid_days))
        if until is None or until > latest:
            yield Deviation("valid_until", latest, until)


def step(
    policy: Policy, deal: DealView, standings: Standings, entry: Entry, organisation: Organisation
) -> Iterator[Deviation]:
    """What was unlawful in an entry of `STEPS`: preparers stand near the milestone, revokers in its function."""
    standing = standings.get(entry.body["key"])
    if standing is None:
        yield Deviation("key", "a milestone that was planned", entry.body["key"])
        return
    by, held = Actor(entry.actor, "shell"), organisation.seats_of(entry.actor, entry.recorded_at)
    refusal: Refusal | None = None
    act = STEPS[entry.kind]
    if entry.kind == "milestone.expired":
        if standing.valid_until is None or standing.valid_until > entry.recorded_at:
            yield Deviation("valid_until", f"by {entry.recorded_at}", standing.valid_until)
    elif entry.kind == "milestone.revoked":
        refusal = verification.revoking(by, held, deal, standing)
    elif act == "replan":
        sort = entry.kind.split(".")[0]
        if policy.is_handshake(standing.key) != (sort == "handshake"):
            yield Deviation("kind", f"that {standing.key} is a {sort}", entry.kind)
        refusal = replanning.replanning(held, deal, replanning.movers(sort, standing.function))
        if entry.body.get("was") != (microseconds(standing.due_at) if standing.due_at else None):
            yield Deviation("was", standing.due_at, entry.body.get("was"))
    else:
        refusal = verification.preparing(by, held, deal, standing.function)
    if act is not None and milestone.wrong_state(act, standing.status):
        yield Deviation("status", " or ".join(milestone.FOLLOWS[act]), standing.status)
    if refusal is not None:
        yield Deviation("actor", f"somebody who may: {refusal.sentence} [{refusal.code}]", entry.actor)
