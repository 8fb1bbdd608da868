"""At what was submitted: questions, answers, hand overs, and undoing one's own last act."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import shapes
from governance.api.milestones import THE_MILESTONE, MilestoneView
from governance.commands import turns
from governance.queries import evidence
from governance.queries import milestones as rows
from governance.rules.turn import MOST
from ledger.api import describe
from ledger.api.reading import Reader
from ledger.api.schemas import NUMBER, many, maybe, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes

_MANY = takes("milestones", milestones={**many(NUMBER), "minItems": 1, "maxItems": MOST}, to=maybe(NUMBER),
              note=text())  # fmt: skip


class Questions(MilestoneView):
    @describe.write("Ask who submitted", takes("question", question=text(3)), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """One question back. The clock of the verifier rests until it is answered; the due moment does not move."""
        stated = Reader(request.data)
        question = stated.text("question", required=True)
        stated.done()
        turns.ask(number, question, by=self.actor)
        return self.milestone(number, 201)


class Answers(MilestoneView):
    @describe.write("Answer a question", takes("answer", answer=text(3)), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """By who was asked; the clock of the verifier goes on."""
        stated = Reader(request.data)
        answer = stated.text("answer", required=True)
        stated.done()
        turns.answer(number, answer, by=self.actor)
        return self.milestone(number, 201)


class HandOvers(MilestoneView):
    @describe.write("Hand a milestone over", takes(to=maybe(NUMBER), note=text()), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """`to` a person of the function who may verify it, or null for the whole team again."""
        stated = Reader(request.data)
        to, note = _person(stated), stated.text("note")
        stated.done()
        turns.hand_over(number, to, by=self.actor, note=note)
        return self.milestone(number, 201)


class ManyHandOvers(ApiView):
    @describe.write("Hand milestones over", _MANY, "Milestones")
    @writes
    def post(self, request: Request) -> Response:
        """At most 100 at once, all of them or none. What is verified is verified one by one."""
        stated = Reader(request.data)
        numbers, to, note = _numbers(stated), _person(stated), stated.text("note")
        stated.done()
        turns.hand_over_all(numbers, to, by=self.actor, note=note)
        found = [rows.visible(self.seats, number) for number in numbers]
        told = [shapes.with_evidence(row, evidence.of_milestone(row.id)) for row in found]
        return Response({"results": told}, 201)


class Undos(MilestoneView):
    @describe.write("Undo your last act on a milestone", takes(), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """A counter-entry for your verification or rejection, question or hand over, while nobody has built on it:
        409 `built-on` or `nothing-to-undo` after that."""
        Reader(request.data).done()
        turns.undo(number, by=self.actor)
        return self.milestone(number, 201)


def _person(stated: Reader) -> int | None:
    """Null, or nothing, gives it back to the whole team."""
    return stated.number("to", least=1)


def _numbers(stated: Reader) -> list[int]:
    given: Any = stated.value("milestones", required=True)
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        stated.fault("milestones", "TURN-8", f"Name 1 to {MOST} milestones by their id.")
        return []
    if not all(isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**53 for one in given):
        stated.fault("milestones", "TURN-14", "A milestone is named by its id, a whole number.")
        return []
    return list(dict.fromkeys(given))
