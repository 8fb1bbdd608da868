"""/deals/{ref}/waivers/: one function asks that a requirement is excused for some days, another decides."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import shapes
from governance.commands import waivers
from governance.queries import waivers as query
from governance.rules.waiver import REASONS
from ledger.api import conditions, describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, TEXT, page_of, ref, takes, text
from ledger.api.writes import writes
from pipeline.api.deals import THE_DEAL, DealView
from pipeline.queries import detail
from pipeline.queries.deals import number_of

_ASKED = takes(
    "requirement", "reason", "expires", "compensating_step",
    requirement=text(1, 60), reason={"type": "string", "enum": list(REASONS)}, expires=DAY, compensating_step=text(3),
)  # fmt: skip
_DECISION = takes("decision", decision={"type": "string", "enum": ["granted", "refused"]}, note=text())


class Waivers(DealView):
    at_any_moment = True

    @describe.read("List the waivers of a deal", page_of(ref("Waiver")), THE_DEAL, describe.AS_OF)
    def get(self, request: Request, ref: str) -> Response:
        """Newest first, each with its debt: amount × days open, in currency-days."""
        paging.query(request).done()
        found = detail.detail(self.seats, number_of(ref))
        rows = query.of_deal(found.view.id)
        return paging.page(request, shapes.waivers(rows))

    @describe.on_deal("Ask for a waiver", _ASKED, "Deal", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """Asks that another function excuses one requirement until a day, at most 14 days from now."""
        stated = Reader(request.data)
        key = stated.text("requirement", required=True, most=60)
        reason = stated.choice("reason", REASONS, required=True)
        stated.value("expires", required=True)
        expires, step = stated.day("expires"), stated.text("compensating_step", required=True)
        stated.done()
        waivers.ask(number_of(ref), key, reason, expires, step, by=self.actor, expected=conditions.expected(request))
        return self.deal(ref, 201)


class WaiverDecisions(DealView):
    @describe.on_deal("Decide on a waiver", _DECISION, "Deal", THE_DEAL, describe.path("key", TEXT))
    @writes
    def post(self, request: Request, ref: str, key: str) -> Response:
        """The second signature, by a lead of another function; whoever asked may only take the request back."""
        stated = Reader(request.data)
        decision, note = stated.choice("decision", ("granted", "refused"), required=True), stated.text("note")
        stated.done()
        waivers.decide(
            number_of(ref), key, decision == "granted", by=self.actor, note=note,
            expected=conditions.expected(request),
        )  # fmt: skip
        return self.deal(ref, 201)
