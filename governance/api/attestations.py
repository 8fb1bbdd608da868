"""POST /deals/{ref}/attestations/: a function signs under the terms."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from governance.commands import attestations
from ledger.api import conditions, describe
from ledger.api.reading import Reader
from ledger.api.schemas import takes, text
from ledger.api.writes import writes
from pipeline.api.deals import THE_DEAL, DealView
from pipeline.queries.deals import number_of

_BODY = takes("function", "terms", function=text(1, 40), terms=text(1, 64))


class Attestations(DealView):
    @describe.on_deal("Attest the terms of a deal", _BODY, "Deal", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """`terms` is the fingerprint that you have read; other terms are 409 `terms-changed`."""
        stated = Reader(request.data)
        function, terms = stated.text("function", required=True, most=40), stated.text("terms", required=True, most=64)
        stated.done()
        attestations.attest(number_of(ref), function, terms, by=self.actor, expected=conditions.expected(request))
        return self.deal(ref, 201)
