"""Turns read again from the record: how each stood, and whether each step was lawful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from governance.rules import turn as rules
from governance.rules import verification
from governance.rules.turn import Turn
from governance.rules.verification import Conflicts, Refusal
from ledger.rules.actor import Actor
from ledger.rules.replay import Deviation, Entry, Held
from ledger.rules.standing import Standing, Standings
from pipeline.rules.deal import DealView
from pipeline.rules.replay import Organisation

KINDS = rules.KINDS


@dataclass(slots=True)
class Decided:
    """The last decision of a key, with what stood before it."""

    entry: Entry
    before: Held
    built: bool = False


@dataclass(slots=True)
class Turns:
    """Of one deal: by submission, and the last decision of each key."""

    held: dict[int, Turn] = field(default_factory=dict)
    decided: dict[str, Decided] = field(default_factory=dict)

    def take(self, entry: Entry, before: Held | None) -> None:
        """`before`: how the key that the entry names stood until then."""
        key = entry.body.get("key", "")
        for name, decision in self.decided.items():
            decision.built = decision.built or rules.builds(entry.kind, key, name)
        if entry.kind in rules.DECISIONS and before is not None:
            self.decided[key] = Decided(entry, before)
        elif entry.kind == rules.UNDONE:
            self.decided.pop(key, None)
        elif entry.kind in rules.STEPS:
            submission = entry.body["submission"]
            self.held[submission] = rules.after(self.held.get(submission), entry)


def act(
    deal: DealView,
    standings: Standings,
    entry: Entry,
    organisation: Organisation,
    turns: Turns,
    evidence: Mapping[str, Sequence[tuple[int, str]]],
) -> Iterator[Deviation]:
    """What was unlawful in an entry of `KINDS`. `evidence`: key → (who added it, its hash)."""
    by = Actor(entry.actor, "shell", on_behalf=entry.said["on_behalf"])
    key = entry.body["key"]
    if entry.kind == rules.UNDONE:
        yield from _undone(by, turns.decided.get(key), entry)
        return
    standing = standings.get(key)
    if standing is None or standing.status != "submitted" or standing.entry_id != entry.body["submission"]:
        yield Deviation("submission", "what is submitted", entry.body["submission"])
        return
    was = turns.held.get(standing.entry_id)
    open_question = was is not None and was.question is not None
    if entry.kind != rules.HANDED and open_question == (entry.kind == rules.ASKED):
        yield Deviation("question", "one question at a time, asked and answered", entry.kind)
    refusal = _refusal(by, deal, standing, entry, organisation, was, evidence)
    if refusal is not None:
        yield Deviation("actor", f"somebody who may: {refusal.sentence} [{refusal.code}]", entry.actor)


def _refusal(
    by: Actor,
    deal: DealView,
    standing: Standing,
    entry: Entry,
    organisation: Organisation,
    was: Turn | None,
    evidence: Mapping[str, Sequence[tuple[int, str]]],
) -> Refusal | None:
    seats = organisation.seats_of(entry.actor, entry.recorded_at)
    paid = frozenset(organisation.person_of(seat) for seat in deal.credits)
    near = Conflicts(frozenset(person for person, _ in evidence.get(standing.key, ())), paid)
    if entry.kind == rules.ANSWERED:
        return rules.answering(by, was.asked_of if was else None)
    if entry.kind == rules.ASKED:
        return verification.verifying(by, seats, deal, standing, near)
    moved = rules.moving(seats, deal, standing)
    to = entry.body.get("to")
    if moved is not None or to is None:
        return moved
    return verification.verifying(
        Actor(to, "shell"), organisation.seats_of(to, entry.recorded_at), deal, standing, near
    )


def _undone(by: Actor, decided: Decided | None, entry: Entry) -> Iterator[Deviation]:
    if decided is None or decided.entry.id != entry.body["undoes"] or decided.built:
        yield Deviation("undoes", "the last decision, while nobody has built on it", entry.body["undoes"])
    elif rules.undoing(by, decided.entry.actor) is not None:
        yield Deviation("actor", decided.entry.actor, entry.actor)
