"""POST /deals/{ref}/approvals/: a role approves what the policy asks it to."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from governance.commands import approvals
from ledger.api import conditions, describe
from ledger.api.reading import Reader
from ledger.api.schemas import takes, text
from ledger.api.writes import writes
from pipeline.api.deals import THE_DEAL, DealView
from pipeline.queries.deals import number_of

_BODY = takes("requirement", requirement=text(1, 60))


class Approvals(DealView):
    @describe.on_deal("Approve a deal", _BODY, "Deal", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """`requirement` is the key of a requirement of kind approval, as the gate names it."""
        stated = Reader(request.data)
        requirement = stated.text("requirement", required=True, most=60)
        stated.done()
        approvals.approve(number_of(ref), requirement, by=self.actor, expected=conditions.expected(request))
        return self.deal(ref, 201)
