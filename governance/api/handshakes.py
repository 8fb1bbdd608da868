"""POST /milestones/{id}/handshakes/: one function offers, another answers."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.milestones import THE_MILESTONE, MilestoneView
from governance.commands import handshakes
from governance.rules.handshake import DECISIONS
from ledger.api import describe
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, takes, text
from ledger.api.writes import writes

_STEP = takes(
    "decision", decision={"type": "string", "enum": list(DECISIONS)}, date=DAY, earliest=DAY, note=text()
)  # fmt: skip


class Handshakes(MilestoneView):
    @describe.write("Take a step of a handshake", _STEP, "Milestone", THE_MILESTONE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """`offered` with `date` by one function; the other says `accepted`, or `refused` with a note and perhaps
        `earliest`, its counter-offer; `withdrawn` takes an acceptance back. Whoever stands too near is refused: 403."""
        stated = Reader(request.data)
        decision = stated.choice("decision", DECISIONS, required=True)
        day, earliest, note = stated.day("date"), stated.day("earliest"), stated.text("note")
        stated.done()
        handshakes.act(number, decision, by=self.actor, day=day, earliest=earliest, note=note)
        return self.milestone(number, 201)
