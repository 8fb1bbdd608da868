"""Moves to newer policies as the record alone says they are, and what was not lawful in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.rules.actor import SYSTEM_PERSON
from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standings
from pipeline.rules import policy_moves
from pipeline.rules.deal import DealView
from pipeline.rules.policy import SIGNERS
from pipeline.rules.policy_moves import Move

if TYPE_CHECKING:
    from pipeline.rules.replay import Organisation


@dataclass(slots=True)
class Moves:
    """Grows with what is drafted, never with the deals that move. Ordered ones by the entry that ordered them."""

    drafted: dict[int, Move] = field(default_factory=dict)
    signed: dict[int, dict[str, int]] = field(default_factory=dict)  # draft → function → person
    ordered: dict[int, tuple[Move, datetime]] = field(default_factory=dict)
    withdrawn: dict[int, datetime] = field(default_factory=dict)  # draft → when
    drafters: dict[int, int] = field(default_factory=dict)
    acts: list[Entry] = field(default_factory=list)
    stray: list[tuple[Entry, Deviation]] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """Never raises: bytes that were altered are named by their hash, and say no move."""
        self.acts.append(entry)
        try:
            self._take(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.stray.append((entry, Deviation("body", "a move that can be read", type(error).__name__)))

    def _take(self, entry: Entry) -> None:
        body = entry.body
        if entry.kind == "move.drafted":
            self.drafted[entry.id] = Move.of(entry.id, body)
            self.drafters[entry.id] = entry.actor
            return
        draft = self.drafted[body["move"]]
        if draft.id in self.withdrawn:
            self.stray.append((entry, Deviation("move", "a move that is not withdrawn", draft.id)))
        if entry.kind == "move.withdrawn":
            own = {self.drafters[draft.id], *self.signed.get(draft.id, {}).values()}
            if entry.actor not in own:
                self.stray.append((entry, Deviation("actor", "who drafted or signed the move", entry.actor)))
            self.withdrawn.setdefault(draft.id, entry.recorded_at)
            return
        if entry.kind == "move.signed":
            signed = self.signed.setdefault(draft.id, {})
            if body["function"] in signed or entry.actor in signed.values():
                self.stray.append((entry, Deviation("actor", "one person for one function", entry.actor)))
            signed[body["function"]] = entry.actor
            return
        if set(SIGNERS) - self.signed.get(draft.id, {}).keys():
            self.stray.append((entry, Deviation("signatures", list(SIGNERS), sorted(self.signed.get(draft.id, {})))))
        if Move.of(draft.id, body) != draft:
            self.stray.append((entry, Deviation("move", draft.body(), dict(body))))
        self.ordered[entry.id] = draft, entry.recorded_at


def finish(organisation: Organisation) -> Iterator[tuple[Entry, Deviation]]:
    """What can be judged only when seats and versions have been read: who drafted and signed, and between what."""
    moves = organisation.moves
    yield from moves.stray
    unread = {entry.id for entry, _ in moves.stray}
    for entry in moves.acts:
        if entry.id in unread:
            continue
        seats = organisation.seats_of(entry.actor, entry.recorded_at)
        if entry.kind == "move.signed" and not any(seat.function == entry.body["function"] for seat in seats):
            yield entry, Deviation("actor", f"somebody who holds {entry.body['function']}", entry.actor)
        if entry.kind == "move.drafted":
            if not any(seat.role == "steward" for seat in seats):
                yield entry, Deviation("actor", "a policy steward", entry.actor)
            yield from ((entry, found) for found in _between(organisation, moves.drafted[entry.id], entry))


def _between(organisation: Organisation, move: Move, entry: Entry) -> Iterator[Deviation]:
    for version in (move.source, move.target):
        row = organisation.policies.get(version)
        if row is None or row.published_at is None or row.published_at > entry.recorded_at:
            yield Deviation("version", "a policy published by then", version)
            return
    if move.target <= move.source:
        yield Deviation("to", f"a version after {move.source}", move.target)
    old, new = organisation.policy(move.source), organisation.policy(move.target)
    for fault in policy_moves.faults(old, new, dict(move.stages)):
        yield Deviation(fault.pointer, "what the two versions allow", fault.message)


def deviations(
    organisation: Organisation, was: DealView, now: DealView, standings: Standings, entry: Entry
) -> Iterator[Deviation]:
    """What was not lawful in `deal.rebound`: it follows an ordered move, and says what that move makes of the deal."""
    found = organisation.moves.ordered.get(entry.body.get("ordered", 0))
    if found is None or found[1] > entry.recorded_at:
        yield Deviation("ordered", "a move ordered by then", entry.body.get("ordered"))
        return
    move = found[0]
    ended = organisation.moves.withdrawn.get(move.id)
    if ended is not None and ended < entry.recorded_at:
        yield Deviation("ordered", "a move that nobody has withdrawn by then", move.id)
    seats = organisation.seats_of(entry.actor, entry.recorded_at)
    if entry.actor != SYSTEM_PERSON and not any(seat.role == "steward" for seat in seats):
        yield Deviation("actor", "a policy steward, or the timetable", entry.actor)
    old, new = organisation.policy(move.source), organisation.policy(move.target)
    change = policy_moves.change(move, old, new, was, standings)
    if change.stays:
        yield Deviation("deal", "a deal that may move", change.stays[0].message)
    expected = policy_moves.rebound(move, was)
    if (now.policy_version, now.stage) != (expected.policy_version, expected.stage):
        yield Deviation("after", [expected.policy_version, expected.stage], [now.policy_version, now.stage])
    wanted = policy_moves.consequences(change)
    if entry.body.get("changes") != wanted:
        yield Deviation("changes", wanted, entry.body.get("changes"))
