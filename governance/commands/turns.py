"""At what was submitted: a verifier asks, who was asked answers, it is handed over, and a decision is undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from governance import permissions
from governance.commands.milestones import Held, hold
from governance.queries import evidence, milestones, people, turns
from governance.rules import turn as rules
from governance.rules import verification
from governance.rules.turn import Turn
from ledger.commands.append import Draft, append
from ledger.queries import entries
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, Problem, bad_input, conflict
from ledger.transactions import command
from pipeline.queries import seats


@command
def ask(number: int, question: str, *, by: Actor) -> None:
    """One question back to who submitted; writes `milestone.asked`. The verifier's clock rests until the answer; the
    due moment does not move. Raises separation-of-duties for who could not verify, and question-open (409)."""
    held = hold(number, "ask", by)
    faults = rules.words_faults(question, "question")
    if faults:
        raise bad_input(faults)
    _check_may_verify(held, by)
    if _turn(held).question is not None:
        say = "A question is open already: it is answered or withdrawn first. [TURN-6]"
        raise conflict("question-open", "One question at a time", say)
    _write(held, rules.ASKED, by, private={"question": question.strip()}, to=held.standing.preparer)


@command
def answer(number: int, text: str, *, by: Actor) -> None:
    """Writes `milestone.answered`: the verifier's clock goes on. Raises no-question (409), and forbidden for everybody
    but who was asked."""
    held = hold(number, "answer", by)
    faults = rules.words_faults(text, "answer")
    if faults:
        raise bad_input(faults)
    turn = _turn(held)
    if turn.question is None:
        raise conflict("no-question", "No question is open", "It was answered or withdrawn. Read it again. [TURN-7]")
    permissions.check(rules.answering(by, turn.asked_of))
    _write(held, rules.ANSWERED, by, private={"answer": text.strip()}, question=turn.question)


@command
def hand_over(number: int, to: int | None, *, by: Actor, note: str = "") -> None:
    """To somebody of the function who may verify it, or back to the team with None; writes `milestone.handed_over`."""
    _hand_over(number, to, note, by)


@command
def hand_over_all(numbers: Sequence[int], to: int | None, *, by: Actor, note: str = "") -> int:
    """Many at once, all or none, in the order in which locks are taken. Raises bad-input that names each refused."""
    if not 1 <= len(set(numbers)) <= rules.MOST:
        raise bad_input([Fault("/milestones", "TURN-8", f"Choose 1 to {rules.MOST} milestones.")])
    places = {number: place for place, number in enumerate(numbers)}
    faults = []
    for _stream, number in sorted((f"deal/{milestones.deal_of(number)[0]}", number) for number in places):
        try:
            _hand_over(number, to, note, by)
        except Problem as problem:
            if problem.status == 404:
                raise
            faults.append(Fault(f"/milestones/{places[number]}", "TURN-9", problem.detail))
    if faults:
        raise bad_input(sorted(faults, key=lambda fault: fault.pointer), "Nothing was handed over")
    return len(places)


def _hand_over(number: int, to: int | None, note: str, by: Actor) -> None:
    held = hold(number, "hand over", by)
    view, standing = held.locked.view, held.standing
    permissions.check(rules.moving(held.locked.seats, view, standing))
    turn = _turn(held)
    if turn.handed_to == to:
        raise conflict(
            "handed-over", "It is theirs already", "It stands there already. Choose somebody else. [TURN-10]"
        )
    if to is not None:
        near = evidence.conflicts(number, view)
        refusal = verification.verifying(Actor(to, by.channel), seats.of_person(to), view, standing, near)
        if refusal is not None:
            could = people.holders(standing.function, view.unit, without={to, *_near(held)})
            say = (
                f"They may not verify it: choose somebody of {standing.function} in {view.unit} who did not prepare it."
            )
            names = f" {', '.join(name for _person, name in could[:3])} can." if could else ""
            raise bad_input([Fault("/to", "TURN-11", f"{say}{names}")])
    private = {"note": note.strip()} if note.strip() else {}
    _write(held, rules.HANDED, by, private=private, to=to, was=turn.handed_to)


@command
def undo(number: int, *, by: Actor) -> str:
    """Takes this person's last act on a milestone back by a counter-entry and returns its kind: `milestone.undone` for
    a decision nobody has built on, `milestone.unasked` for a question, `milestone.handed_over` back for a hand over.

    Raises nothing-to-undo and built-on (409), and forbidden for a decision of somebody else.
    """
    held = hold(number, "undo", by)
    if held.standing.status != "submitted":
        _undo_decision(held, by)
        return rules.UNDONE
    turn = _turn(held)
    last = entries.one(turn.entry) if turn.entry else None
    if last is not None and last.actor == by.person and last.kind == rules.ASKED:
        permissions.check(rules.moving(held.locked.seats, held.locked.view, held.standing))
        _write(held, rules.UNASKED, by, question=turn.question)
        return rules.UNASKED
    if last is not None and last.actor == by.person and last.kind == rules.HANDED and "undoes" not in last.body:
        permissions.check(rules.moving(held.locked.seats, held.locked.view, held.standing))
        _write(held, rules.HANDED, by, to=last.body["was"], was=turn.handed_to, undoes=last.id)
        return rules.HANDED
    say = "Your last act here is not the last one any more. Read it again. [TURN-12]"
    raise conflict("nothing-to-undo", "Nothing to undo", say)


def _undo_decision(held: Held, by: Actor) -> None:
    permissions.check(rules.undoing(by, held.standing.actor))
    if turns.is_built_on(held.locked.chain.stream, held.key, held.standing.entry_id):
        say = "Somebody has built on this decision. Revoke it with a reason, or submit again. [TURN-13]"
        raise conflict("built-on", "It cannot be undone any more", say)
    append(held.locked.chain, held.draft(rules.UNDONE, undoes=held.standing.entry_id), by=by)


def _turn(held: Held) -> Turn:
    """At this submission, under the lock of its deal."""
    found = turns.at(held.locked.chain.stream, held.standing.entry_id)
    return found or Turn(held.standing.entry_id, held.key, held.locked.view.id)


def _near(held: Held) -> set[int]:
    conflicts = evidence.conflicts(held.number, held.locked.view)
    view, preparer = held.locked.view, held.standing.preparer
    return {*conflicts.uploaders, *conflicts.paid, view.owner_person, preparer or 0}


def _check_may_verify(held: Held, by: Actor) -> None:
    view, standing = held.locked.view, held.standing
    refusal = verification.verifying(by, held.locked.seats, view, standing, evidence.conflicts(held.number, view))
    if refusal is not None:
        others = people.holders(standing.function, view.unit, without={*_near(held), by.person})
        permissions.check(refusal, [name for _, name in others])


def _write(held: Held, kind: str, by: Actor, *, private: dict[str, str] | None = None, **body: Any) -> None:
    draft: Draft = held.draft(kind, private=private, submission=held.standing.entry_id, **body)
    append(held.locked.chain, draft, by=by)
