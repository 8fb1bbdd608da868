"""Acts on a deal, each a noun: returns, losses, reopenings, assignments."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import conditions, describe
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, takes, text
from ledger.api.writes import writes
from pipeline.api.deals import THE_DEAL, DealView
from pipeline.commands import closing
from pipeline.queries.deals import number_of

_REASON = text(3)
_ON = {**DAY, "description": "The day on which it was true; today when it is left out."}


class Returns(DealView):
    @describe.on_deal("Return a deal", takes("to", "reason", to=text(1, 40), reason=_REASON, on=_ON), "Deal", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """Takes a deal back to an earlier stage, with the reason; a booked one is de-booked in this period."""
        stated = Reader(request.data)
        to, reason = stated.text("to", required=True, most=40), stated.text("reason", required=True)
        on = stated.day("on")
        stated.done()
        closing.return_deal(number_of(ref), to, reason, by=self.actor, expected=conditions.expected(request), on=on)
        return self.deal(ref, 201)


class Losses(DealView):
    @describe.on_deal("Lose a deal", takes("reason", reason=text(1, 40), note=text(), on=_ON), "Deal", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """Closes a deal as lost, under a reason code of its policy."""
        stated = Reader(request.data)
        reason, note = stated.text("reason", required=True, most=40), stated.text("note")
        on = stated.day("on")
        stated.done()
        expected = conditions.expected(request)
        closing.lose(number_of(ref), reason, by=self.actor, note=note, expected=expected, on=on)
        return self.deal(ref, 201)


class Reopenings(DealView):
    @describe.on_deal("Re-open a deal", takes("reason", reason=_REASON), "Deal", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """Brings a lost deal, or imported history, back into the first stage."""
        stated = Reader(request.data)
        reason = stated.text("reason", required=True)
        stated.done()
        closing.reopen(number_of(ref), reason, by=self.actor, expected=conditions.expected(request))
        return self.deal(ref, 201)


class Assignments(DealView):
    @describe.on_deal(
        "Assign a deal", takes("owner", owner={"type": "integer", "minimum": 0, "maximum": 2**53 - 1}), "Deal", THE_DEAL
    )
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """Gives a deal to another sales seat; its value moves with it."""
        stated = Reader(request.data)
        owner = stated.number("owner", required=True)
        stated.done()
        closing.assign(number_of(ref), owner or 0, by=self.actor, expected=conditions.expected(request))
        return self.deal(ref, 201)
