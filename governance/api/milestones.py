"""GET /milestones/ and one of them."""

from __future__ import annotations

from datetime import datetime

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import shapes
from governance.queries import evidence, milestones
from governance.rules.milestone import HANDSHAKES, STATES
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import FLAG, REF, TEXT
from ledger.api.views import ApiView
from ledger.rules.envelope import microseconds, moment
from pipeline.queries.deals import number_of

THE_MILESTONE = describe.path("number")
_FILTERS = (
    describe.query("function"),
    describe.query("unit"),
    describe.query("state", TEXT, f"One or more of {', '.join(STATES)}, with commas between."),
    describe.query("deal", REF),
    describe.query("due_before", {"type": "string", "format": "date-time"}),
    describe.query(
        "kind",
        {"type": "string", "enum": ["milestone", "handshake"], "default": "milestone"},
        f"Handshakes are {', '.join(HANDSHAKES)}.",
    ),
    describe.query("mine", FLAG, "Only what waits on you: in a function that you hold, and not your own."),
)


class MilestoneView(ApiView):
    """Answers with a milestone after an act on it."""

    def milestone(self, number: int, status: int = 200) -> Response:
        row = milestones.visible(self.seats, number)
        return Response(shapes.with_evidence(row, evidence.of_milestone(number)), status)


class Milestones(ApiView):
    at_any_moment = True

    @describe.listing("List milestones", "MilestoneSummary", *_FILTERS, describe.AS_OF)
    def get(self, request: Request) -> Response:
        """The milestones that you may see, soonest due first."""
        asked = paging.query(request)
        function, unit, deal = asked.text("function", most=40), asked.text("unit", most=40), asked.text("deal", most=40)
        states, due, mine = _states(asked), asked.moment("due_before"), asked.flag("mine")
        kind = asked.choice("kind", ("milestone", "handshake")) or "milestone"
        after, limit = after_due(asked), paging.limit(asked)
        asked.done()
        rows = milestones.listing(
            self.seats,
            functions=[function] if function else (),
            unit=unit or None,
            states=states,
            deal=number_of(deal) if deal else None,
            due_before=due,
            mine=self.actor.person if mine else None,
            requirement=kind,
            after=after,
            limit=limit + 1,
        )
        following = cursor_of(rows[limit - 1].due_at, rows[limit - 1].id) if len(rows) > limit else None
        return paging.page(request, map(shapes.milestone, rows[:limit]), following)


class Milestone(MilestoneView):
    at_any_moment = True

    @describe.read("Read a milestone", "Milestone", THE_MILESTONE, describe.AS_OF)
    def get(self, request: Request, number: int) -> Response:
        """A milestone with its evidence."""
        return self.milestone(number)


def _states(asked: Reader) -> list[str]:
    said = asked.text("state", most=200)
    states = [word.strip() for word in said.split(",") if word.strip()]
    if not set(states) <= set(STATES):
        asked.fault("state", "ASK-6", f"“{said}” is no state. States are: {', '.join(STATES)}.")
    return states


def cursor_of(due: datetime | None, number: int) -> str:
    return f"{microseconds(due) if due else 0}-{number}"


def after_due(asked: Reader) -> tuple[datetime, int] | None:
    said = asked.text("after", most=40)
    if not said:
        return None
    due, _, number = said.partition("-")
    if not (due.isascii() and due.isdigit() and number.isascii() and number.isdigit() and len(due) < 17 > len(number)):
        asked.fault("after", "ASK-12", "Take the cursor from `next` of the page before.")
        return None
    return moment(int(due)), int(number)
