"""GET /pipeline/: how many deals stand in each stage, and what they come to."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from pipeline.queries import stages
from pipeline.queries.stages import InStage


class Pipeline(ApiView):
    at_any_moment = True

    @describe.read("Read the pipeline by stage", "Pipeline", describe.query("unit"), describe.AS_OF)
    def get(self, request: Request) -> Response:
        """By stage, unit and currency, which are never added up; `amount` is null for deals without a currency."""
        asked = paging.query(request)
        unit = asked.text("unit", most=40)
        asked.done()
        answer = stages.answer(self.seats, unit=unit)
        return Response({"rows": [_row(row) for row in answer.rows], "as_of": moment(answer.as_of)})


def _row(row: InStage) -> dict[str, Any]:
    return {
        "stage": row.stage,
        "unit": row.unit,
        "deals": row.deals,
        "amount": money(row.amount, row.currency or None),
    }
