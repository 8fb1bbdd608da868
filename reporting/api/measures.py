"""GET /measures/: the table of numbers. GET /measures/{name}/: one of them, at any moment, filtered and grouped."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.schemas import TEXT
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from reporting.exports import receipts
from reporting.queries import asking
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measures import MEASURES
from reporting.queries.measuring import Measure

_PERIOD = describe.query("period", {**TEXT, "examples": ["2026-11", "2026-Q4", "2026"]}, "By default all of them.")
_NAME = describe.path("name", TEXT, "Such as booked.")
_SCOPE = (_NAME, _PERIOD, describe.query("unit"), describe.AS_OF)
_FUNCTION = describe.query("function", TEXT, "What waits on this one, of value-waiting.")
_STAGE = describe.query("stage", TEXT, "What stands in this one, of weighted-pipeline.")
_BY = describe.query("by", TEXT, "Some of the measure's ways, such as unit,period.")


class Measures(ApiView):
    @describe.listing("List measures", "Measure")
    def get(self, request: Request) -> Response:
        """Every number that there is: its one definition, who answers for it, and the decision it serves."""
        asked = paging.query(request)
        after, limit = asked.text("after", most=100), paging.limit(asked)
        asked.done()
        names = [name for name in sorted(MEASURES) if name > after]
        following = names[limit - 1] if len(names) > limit else None
        return paging.page(request, (_about(MEASURES[name]) for name in names[:limit]), following)


class OneMeasure(ApiView):
    at_any_moment = True

    @describe.read("Read a measure", "MeasureAnswer", *_SCOPE, _BY)
    def get(self, request: Request, name: str) -> Response:
        """The value over what you may see, its groups along `by`, and its receipt. Money is decimal text in
        `currency`; a share is of 1; null where there is nothing to measure."""
        said = paging.query(request)
        period, unit = said.text("period", most=10), said.text("unit", most=40)
        by = tuple(word.strip() for word in said.text("by", most=100).split(",") if word.strip())
        said.done()
        told = asking.tell(name, asking.asked(self.seats, period=period, unit=unit, by=by))
        measure, asked, answer = told.measure, told.asked, told.answer
        return Response(
            {
                **_about(measure),
                "definition_version": answer.definition_version,
                "value": told.text,
                "currency": measure.currency(asked.company) or None,
                "as_of": moment(asked.as_of),
                "position": answer.position,
                "rows": [
                    {**dict(zip(by, row.key, strict=True)), "value": measure.said(row.value, asked.company)}
                    for row in answer.rows
                ],
                "receipt": receipts.signed(told.claim()),
            }
        )


class MeasureDeals(ApiView):
    at_any_moment = True

    @describe.listing("List deals of a measure", "BookedDeal", *_SCOPE, _FUNCTION, _STAGE)
    def get(self, request: Request, name: str) -> Response:
        """The deals behind the value, newest entry first; their amounts sum to it where it is money."""
        said = paging.query(request)
        period, unit = said.text("period", most=10), said.text("unit", most=40)
        function, stage = said.text("function", most=40), said.text("stage", most=40)
        before, limit = said.number("after"), paging.limit(said)
        said.done()
        told = asking.tell(name, asking.asked(self.seats, period=period, unit=unit, function=function, stage=stage))
        rows = told.answer.behind(before, limit + 1)
        following = rows[limit - 1].entry if len(rows) > limit else None
        return paging.page(request, (deal(row, told.asked.company.currency) for row in rows[:limit]), following)


def _about(measure: Measure) -> dict[str, Any]:
    return {
        "name": measure.name,
        "title": measure.title,
        "definition": measure.definition,
        "owner": measure.owner,
        "decision": measure.decision,
        "unit": measure.unit,
        "definition_version": measure.version,
        "ways": list(measure.ways),
        "by_period": measure.by_period,
    }


def deal(row: BookedDeal, currency: str) -> dict[str, Any]:
    return {
        "deal": row.ref,
        "title": row.title,
        "unit": row.unit,
        "place": row.place,
        "amount": money(row.amount, currency),
        "entry": row.entry,
    }
