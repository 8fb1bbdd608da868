"""GET /deals/{ref}/gate/ asks, POST /deals/{ref}/advances/ acts, GET /deals/{ref}/timeline/ tells."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import conditions, describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import takes, text
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.queries.entries import EntryView
from pipeline.api import shapes
from pipeline.api.deals import THE_DEAL
from pipeline.commands import advancing
from pipeline.queries import detail, gates, timeline
from pipeline.queries.deals import number_of


class Gate(ApiView):
    at_any_moment = True

    @describe.read(
        "Ask a gate",
        "Decision",
        THE_DEAL,
        describe.query("to", text(1, 40), "By default the next stage."),
        describe.AS_OF,
    )
    def get(self, request: Request, ref: str) -> Response:
        """Every requirement of the gate with its reason, without acting."""
        asked = paging.query(request)
        to = asked.text("to", most=40)
        asked.done()
        decision, version = gates.into(self.seats, number_of(ref), to)
        return Response(shapes.decision(decision), headers={"ETag": conditions.tag(version)})


class Advances(ApiView):
    @describe.on_deal("Advance a deal", takes("to", to=text(1, 40)), "Decision", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """Moves a deal through the next gate. A shut gate answers 409 `gate-refused`, and that is on the record too."""
        stated = Reader(request.data)
        to = stated.text("to", required=True, most=40)
        stated.done()
        number = number_of(ref)
        decision = advancing.advance(number, to, by=self.actor, expected=conditions.expected(request))
        if decision.passed:
            response = Response(shapes.decision(decision), 201)
        else:
            response = self.handle_exception(shapes.refusal(decision))
        response["ETag"] = conditions.tag(detail.version(number))
        return response


class Timeline(ApiView):
    at_any_moment = True

    @describe.listing("Read the timeline of a deal", "TimelineEntry", THE_DEAL, describe.AS_OF)
    def get(self, request: Request, ref: str) -> Response:
        """What happened to a deal, newest first."""
        asked = paging.query(request)
        before, limit = asked.number("after", most=2**31 - 1), paging.limit(asked)
        asked.done()
        found = timeline.of_deal(self.seats, number_of(ref), before=before, limit=limit)
        return paging.page(request, (_entry(entry, found.names) for entry in found.entries), found.next)


def _entry(entry: EntryView, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "seq": entry.seq,
        "kind": entry.kind,
        "sentence": entry.sentence,
        "actor": {"person": entry.actor, "name": names.get(entry.actor, "")},
        "channel": entry.channel,
        "recorded_at": moment(entry.recorded_at),
        "effective_at": moment(entry.effective_at),
        "hash": entry.hash,
        "body": entry.body,
        "texts": entry.private,
        "evidence": list(entry.evidence),
    }
