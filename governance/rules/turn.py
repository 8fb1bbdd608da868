"""Whose turn it is at what was submitted: questions, hand overs, and undoing what was decided.

A verifier's clock runs while a submission waits for them and rests while their question is open. The due moment that
the milestone owes is another clock: no question moves it, so that nobody dodges a miss by asking.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from governance.rules.verification import Refusal
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault
from ledger.rules.replay import Entry
from ledger.rules.standing import Standing
from pipeline.rules.deal import DealView
from pipeline.rules.seats import SeatView, holds

ASKED, ANSWERED, UNASKED = "milestone.asked", "milestone.answered", "milestone.unasked"
HANDED, UNDONE = "milestone.handed_over", "milestone.undone"
STEPS = (ASKED, ANSWERED, UNASKED, HANDED)
KINDS = (*STEPS, UNDONE)
DECISIONS = ("milestone.verified", "milestone.rejected")
MOST = 100  # milestones that are handed over at once
# What comes later and builds on nothing: notes of time, what follows from them, refusals and words.
_QUIET = (
    "milestone.missed", "milestone.started_late", "variance.recorded", "gate.refused", "wording.changed",
    "forecast.lowered",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """At one submission, in the order of its columns. `question` is the entry of the open one."""

    submission: int
    key: str
    deal: int
    handed_to: int | None = None
    question: int | None = None
    asked_by: int | None = None
    asked_of: int | None = None
    asked_at: datetime | None = None
    stopped_us: int = 0
    entry: int = 0


def after(was: Turn | None, entry: Entry) -> Turn:
    """What a step makes of a turn."""
    body = entry.body
    held = was or Turn(body["submission"], body["key"], int(entry.stream.split("/")[1]))
    held = replace(held, entry=entry.id)
    if entry.kind == HANDED:
        return replace(held, handed_to=body["to"])
    if entry.kind == ASKED:
        at, of = entry.recorded_at, body["to"]
        return replace(held, question=entry.id, asked_by=entry.actor, asked_of=of, asked_at=at)
    stopped = held.stopped_us
    if entry.kind == ANSWERED and held.asked_at is not None:
        stopped += (entry.recorded_at - held.asked_at) // timedelta(microseconds=1)
    return replace(held, question=None, asked_by=None, asked_of=None, asked_at=None, stopped_us=stopped)


def waits_since(submitted: datetime, stopped_us: int, asked_at: datetime | None, now: datetime) -> datetime:
    """The moment from which the verifier's clock has run without a rest: the submission, later by every rest."""
    resting = now - asked_at if asked_at is not None else timedelta()
    return submitted + timedelta(microseconds=stopped_us) + resting


def words_faults(text: str, name: str) -> list[Fault]:
    """`name`: `question` or `answer`."""
    if 3 <= len(text.strip()) <= 2000:
        return []
    code, say = ("TURN-1", "Ask one question") if name == "question" else ("TURN-2", "Answer")
    return [Fault(f"/{name}", code, f"{say}, in 3 to 2,000 characters.")]


def answering(by: Actor, asked_of: int | None) -> Refusal | None:
    if by.person == asked_of:
        return None
    return Refusal("TURN-3", "A question is answered by who was asked.", False)


def moving(seats: Iterable[SeatView], deal: DealView, standing: Standing) -> Refusal | None:
    """Hands over, or withdraws a question: whoever holds the function that verifies."""
    if holds(seats, standing.function, deal.unit):
        return None
    return Refusal("TURN-4", f"This is verified by {standing.function} in {deal.unit}. You hold no seat there.", False)


def builds(kind: str, of_key: str, decided: str) -> bool:
    """Whether a later entry of the deal builds on a decision of the key `decided`: everything but steps of other
    keys, notes of time, refusals and words."""
    other = of_key != decided and kind.split(".")[0] in ("milestone", "evidence", "handshake")
    return not (other or kind in _QUIET)


def undoing(by: Actor, decided_by: int) -> Refusal | None:
    if by.person == decided_by and by.on_behalf is None:
        return None
    return Refusal("TURN-5", "A decision is undone by who took it. Revoke it, or submit again.", False)
