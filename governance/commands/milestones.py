"""Acts on a milestone: start, bring evidence, submit, verify or reject, revoke. Each is an entry of its deal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from governance import permissions
from governance.commands import evidence_store
from governance.models import Evidence
from governance.queries import evidence as evidence_of
from governance.queries import milestones, people
from governance.rules import evidence as evidence_rules
from governance.rules import milestone as rules
from governance.rules import verification
from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, conflict, not_found
from ledger.rules.standing import Standing
from ledger.transactions import command
from pipeline import permissions as deal_permissions
from pipeline.commands import booking
from pipeline.queries import deals, policies
from pipeline.rules.policy import MilestoneTemplate


@dataclass(slots=True)
class Held:
    """A milestone whose deal this transaction has locked."""

    number: int
    key: str
    locked: deals.Locked
    standing: Standing
    template: MilestoneTemplate
    requirement: str = "milestone"  # or `handshake`

    def draft(
        self, kind: str, *, private: dict[str, str] | None = None, evidence: Iterable[str] = (), **body: Any
    ) -> Draft:
        said = {"key": self.key, "requirement": self.requirement, "function": self.standing.function, **body}
        policy = self.locked.view.policy_version
        return Draft(kind, said, private=private or {}, evidence=list(evidence), policy=policy)


def hold(number: int, act: str, by: Actor) -> Held:
    """Locks the deal of a milestone for an act; raises not-found, and milestone-state when the act cannot follow. Of a
    handshake only the day is moved by such an act."""
    deal, key = milestones.deal_of(number)
    locked = deals.lock(deal, by.person)
    if not deal_permissions.can_see_unit(locked.seats, locked.view.unit):
        raise not_found(f"Milestone {number}")  # the same words as for one that does not exist
    standing = locked.standings[key]
    policy = policies.version(locked.view.policy_version)
    shaken = policy.is_handshake(key)
    if shaken and act != "replan":
        say = "This milestone is offered and accepted: it takes no evidence and no verification. [MS-HAND]"
        raise conflict("handshake", "This is a handshake", say)
    wrong = rules.wrong_state(act, standing.status)
    if wrong:
        raise conflict(
            "milestone-state", "The milestone has moved on", f"{wrong} Read it again. [MS-STATE]", state=standing.status
        )
    sort = "handshake" if shaken else "milestone"
    return Held(number, key, locked, standing, policy.milestones[key], sort)


@command
def start(number: int, *, by: Actor) -> None:
    """Says that work has begun; writes `milestone.started`."""
    held = hold(number, "start", by)
    permissions.check(verification.preparing(by, held.locked.seats, held.locked.view, held.standing.function))
    append(held.locked.chain, held.draft("milestone.started"), by=by)


@command
def warn(number: int, expected: date | None, note: str, *, by: Actor) -> None:
    """Says before it is due that it will be late, and when it is expected; writes `milestone.warned`.

    Bad news that comes early lowers the severity of the alert, should one open. Raises milestone-due (409) after that.
    """
    held = hold(number, "warn", by)
    permissions.check(verification.preparing(by, held.locked.seats, held.locked.view, held.standing.function))
    due = held.standing.due_at
    if due is None or due <= held.locked.now:
        raise conflict("milestone-due", "It is due already", "A warning comes before the due moment. [MS-WARN-1]")
    faults = []
    if expected is None or expected <= held.locked.company.day_of(held.locked.now):
        faults.append(Fault("/expected", "MS-WARN-2", "Say the day on which it is expected, a day to come."))
    if not 3 <= len(note.strip()) <= 2000:
        faults.append(Fault("/note", "MS-WARN-3", "Say why, in 3 to 2,000 characters."))
    if faults:
        raise bad_input(faults)
    append(held.locked.chain, held.draft("milestone.warned", private={"note": note.strip()}, expected=expected), by=by)


@command
def add_file(number: int, name: str, chunks: Iterable[bytes], size: int, head: bytes, *, by: Actor) -> Evidence:
    """Stores a file by its hash and writes `evidence.added`. Raises Problem when it is not what it says."""
    fault = evidence_rules.file_fault(name, size, head)
    if fault:
        raise bad_input([fault], "The file was not taken")
    held = _hold_for_evidence(number, "file", by)
    stored = evidence_store.store(chunks)
    content_type = evidence_rules.TYPES["." + name.lower().rsplit(".", 1)[1]][0]
    return _add(held, "file", name, "", stored.sha256, stored.size, content_type, by)


@command
def add_value(number: int, kind: str, value: str, *, by: Actor, name: str = "") -> Evidence:
    """Keeps a link, reference or number as evidence; writes `evidence.added`."""
    fault = evidence_rules.value_fault(kind, value.strip())
    if fault:
        raise bad_input([fault])
    held = _hold_for_evidence(number, kind, by)
    digest = evidence_rules.digest(kind, value.strip())
    return _add(held, kind, name.strip() or value.strip()[:255], value.strip(), digest, 0, "", by)


def _hold_for_evidence(number: int, kind: str, by: Actor) -> Held:
    held = hold(number, "evidence", by)
    permissions.check(verification.preparing(by, held.locked.seats, held.locked.view, held.standing.function))
    if kind not in held.template.evidence_kinds:
        known = ", ".join(held.template.evidence_kinds)
        raise bad_input([Fault("/kind", "EVIDENCE-9", f"This milestone is proven by: {known}.")])
    return held


def _add(
    held: Held, kind: str, name: str, value: str, digest: str, size: int, content_type: str, by: Actor
) -> Evidence:
    row = Evidence.objects.create(
        milestone_id=held.number,
        kind=kind,
        name=name[:255],
        value=value,
        sha256=digest,
        size=size,
        content_type=content_type,
        added_by_id=by.person,
        added_at=held.locked.now,
    )
    drafts = [held.draft("milestone.started")] if held.standing.status == "planned" else []
    drafts.append(held.draft("evidence.added", evidence=[digest], evidence_id=row.pk, evidence_kind=kind, size=size))
    append(held.locked.chain, *drafts, by=by)
    return row


@command
def submit(number: int, *, by: Actor, note: str = "") -> None:
    """Asks for verification; writes `milestone.submitted`, and its verifiers are told after commit."""
    held = hold(number, "submit", by)
    permissions.check(verification.preparing(by, held.locked.seats, held.locked.view, held.standing.function))
    pieces = evidence_of.facts(number)
    if len(pieces) < held.template.evidence_minimum:
        least = held.template.evidence_minimum
        raise bad_input(
            [Fault("/evidence", "EVIDENCE-10", f"Add {least} piece(s) of evidence first; there are {len(pieces)}.")]
        )
    append(held.locked.chain, held.draft("milestone.submitted", private={"note": note.strip()}, evidence=pieces), by=by)


@command
def decide(number: int, verified: bool, note: str, *, by: Actor) -> None:
    """The answer to a submission: `verify` or `reject`."""
    if verified:
        verify(number, by=by, note=note)
    else:
        reject(number, note, by=by)


@command
def verify(number: int, *, by: Actor, note: str = "") -> None:
    """Verifies what was submitted; writes `milestone.verified`, bound to the facts and evidence it saw.

    When this was the last condition of a booking, the booking is recorded in the same transaction.
    """
    held = _judging(number, by)
    view, now = held.locked.view, held.locked.now
    unknown = rules.unknown(held.template, view)
    if unknown:
        names = ", ".join(unknown)
        raise bad_input(
            [Fault("/decision", "MS-BIND-1", f"This verification rests on {names}, not known yet. Give it first.")]
        )
    pieces = evidence_of.facts(number)
    valid = now + timedelta(days=held.template.valid_days) if held.template.valid_days else None
    append(
        held.locked.chain,
        held.draft(
            "milestone.verified",
            private={"note": note.strip()},
            evidence=pieces,
            facts=rules.bound(held.template, view, pieces),
            valid_until=valid,
        ),
        by=by,
    )
    booking.settle(view.id, held.locked.chain, held.locked.company, by=by)


@command
def reject(number: int, note: str, *, by: Actor) -> None:
    """Sends a submission back with its reason; writes `milestone.rejected`."""
    if not 3 <= len(note.strip()) <= 2000:
        raise bad_input([Fault("/note", "MS-REJECT-1", "Say what is missing, in 3 to 2,000 characters.")])
    held = _judging(number, by)
    append(held.locked.chain, held.draft("milestone.rejected", private={"note": note.strip()}), by=by)


def _judging(number: int, by: Actor) -> Held:
    held = hold(number, "decide", by)
    view = held.locked.view
    conflicts = evidence_of.conflicts(number, view)
    refusal = verification.verifying(by, held.locked.seats, view, held.standing, conflicts)
    if refusal is not None:
        near = {*conflicts.uploaders, *conflicts.paid, view.owner_person, held.standing.preparer or 0, by.person}
        permissions.check(
            refusal, [name for _, name in people.holders(held.standing.function, view.unit, without=near)]
        )
    return held


@command
def revoke(number: int, note: str, *, by: Actor) -> None:
    """Takes a verification back; writes `milestone.revoked` and un-books what depends on it."""
    if not 3 <= len(note.strip()) <= 2000:
        raise bad_input([Fault("/note", "MS-REVOKE-1", "Say why, in 3 to 2,000 characters.")])
    held = hold(number, "revoke", by)
    permissions.check(verification.revoking(by, held.locked.seats, held.locked.view, held.standing))
    append(held.locked.chain, held.draft("milestone.revoked", private={"note": note.strip()}), by=by)
    booking.settle(held.locked.view.id, held.locked.chain, held.locked.company, by=by)
