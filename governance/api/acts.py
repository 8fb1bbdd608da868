"""Acts on a milestone, each a noun: starts, submissions, verifications, revocations."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import effect_shapes
from governance.api.milestones import THE_MILESTONE, MilestoneView
from governance.commands import milestones, replanning
from governance.queries import milestones as rows
from governance.queries import what_if
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, takes, text
from ledger.api.writes import writes

DECISIONS = ("verified", "rejected")
_DECISION = takes("decision", decision={"type": "string", "enum": list(DECISIONS)}, note=text())


class Starts(MilestoneView):
    @describe.write("Start a milestone", takes(), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Says that work has begun."""
        Reader(request.data).done()
        milestones.start(number, by=self.actor)
        return self.milestone(number, 201)


class Warnings(MilestoneView):
    @describe.write("Warn early", takes("expected", "note", expected=DAY, note=text(3)), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Says before the due moment that it will be late: the alert, should one open, is less severe."""
        stated = Reader(request.data)
        stated.value("expected", required=True)
        expected, note = stated.day("expected"), stated.text("note", required=True)
        stated.done()
        milestones.warn(number, expected, note, by=self.actor)
        return self.milestone(number, 201)


class Replans(MilestoneView):
    @describe.read("Preview a re-plan", "Effect", THE_MILESTONE, describe.query("due", DAY))
    def get(self, request: Request, number: int) -> Response:
        """What another day would do to revenue, before anybody commits to it."""
        asked = paging.query(request)
        due = effect_shapes.asked_day(asked, "due")
        rows.visible(self.seats, number)
        return Response(effect_shapes.effect(what_if.of_milestone(number, due)))

    @describe.write("Re-plan a milestone", takes("due", "note", due=DAY, note=text(3)), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """The function that owes it names another day, of a handshake either side; the revenue that hangs on it moves
        in the same transaction."""
        stated = Reader(request.data)
        stated.value("due", required=True)
        due, note = stated.day("due"), stated.text("note", required=True)
        stated.done()
        replanning.replan(number, due, note, by=self.actor)
        return self.milestone(number, 201)


class Submissions(MilestoneView):
    @describe.write("Submit a milestone", takes(note=text()), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Asks for verification by another person."""
        stated = Reader(request.data)
        note = stated.text("note")
        stated.done()
        milestones.submit(number, by=self.actor, note=note)
        return self.milestone(number, 201)


class Verifications(MilestoneView):
    @describe.write("Decide on a milestone", _DECISION, "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Verifies or rejects what was submitted. Whoever stands too near is refused: 403 `separation-of-duties`."""
        stated = Reader(request.data)
        decision, note = stated.choice("decision", DECISIONS, required=True), stated.text("note")
        stated.done()
        milestones.decide(number, decision == "verified", note, by=self.actor)
        return self.milestone(number, 201)


class Revocations(MilestoneView):
    @describe.write("Revoke a verification", takes("note", note=text(3)), "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Takes a verification back; a booking that rests on it is de-booked in this period."""
        stated = Reader(request.data)
        note = stated.text("note", required=True)
        stated.done()
        milestones.revoke(number, note, by=self.actor)
        return self.milestone(number, 201)
