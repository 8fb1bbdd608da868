"""GET /forecast/: what a period comes to by category, and what that is worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.rules.money import plain
from reporting.api.schemas import MONTH
from reporting.exports import receipts
from reporting.queries import asking, forecast_answer
from reporting.queries.forecast_accuracy import Accuracy
from reporting.queries.forecast_answer import Forecast
from reporting.rules import periods
from reporting.rules.forecast.categories import CATEGORIES


class ForecastView(ApiView):
    at_any_moment = True

    @describe.read(
        "Read the forecast", "PeriodForecast", describe.query("period", MONTH, "By default the present quarter."),
        describe.query("unit"), describe.AS_OF,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """By category, disjoint; the calls; what goes by how such calls came (`supported`); and what no verified
        milestone supports (`illusion_gap`). Accuracy is of teams of at least five people,
        never of one. `receipt` is of the commit call; `whole_receipt` of the measure `forecast`, which is the sum of
        `rows` and whose certified file `POST /exports/` makes."""
        query = paging.query(request)
        period, unit = query.text("period", most=10), query.text("unit", most=40)
        query.done()
        asked = asking.asked(self.seats, period=period, unit=unit)
        if asked.period is None:
            start = asked.company.fiscal_start_month
            this = periods.quarter_of(asked.company.day_of(asked.as_of), start)
            asked = asking.asked(self.seats, period=this.name, unit=unit, company=asked.company)
        assert asked.period is not None
        call, whole = asking.tell("commit-call", asked), asking.tell("forecast", asked)
        return Response(
            {
                **shape(forecast_answer.answer(asked, asked.period), asked.company.currency, asked.as_of),
                "whole": whole.text,
                "receipt": receipts.signed(call.claim()),
                "whole_receipt": receipts.signed(whole.claim()),
            }
        )


def shape(found: Forecast, currency: str, as_of: Any) -> dict[str, Any]:
    def text(minor: int | None) -> str | None:
        return None if minor is None else plain(minor, currency)

    calls, flow = found.calls, found.flow
    return {
        "period": found.period.name,
        "as_of": moment(as_of),
        "currency": currency,
        "categories": {name: text(getattr(calls, name)) for name in CATEGORIES},
        "commit_call": text(calls.commit_call),
        "best_case_call": text(calls.best_case_call),
        "total": text(calls.total),
        "supported": text(found.supported),
        "verified": text(found.verified),
        "illusion_gap": text(found.illusion),
        "weighted_pipeline": text(sum(found.weighted.values())),
        "rows": [
            {"category": category, "unit": unit, "period": month, "value": text(value)}
            for (category, unit, month), value in sorted(found.sums.cells.items())
        ],
        "stages": [
            {
                "stage": step.stage,
                "probability": _share(step.odds),
                "weighted": text(found.weighted.get(step.stage, 0)),
                "entered": step.cohort.entered,
                "advanced": step.cohort.advanced,
                "lost": step.cohort.lost,
                "conversion_to_date": _share(step.cohort.to_date),
                "conversion_resolved": _share(step.cohort.resolved),
                "median_days": None if step.median_days is None else f"{step.median_days:f}",
            }
            for step in flow.steps
        ],
        "waits": [
            {
                "gate": wait.stage, "function": wait.function, "verified": wait.verified,
                "median_days": f"{wait.median_days:f}",
            }
            for wait in found.waits
        ],
        "win_rate": _share(flow.win_rate),
        "fulfilment": [
            {
                "unit": one.unit, "wanted": one.wanted, "fulfillable": one.fulfillable, "over": one.over,
                "share": _share(one.share), "unfulfillable": text(one.unfulfillable_minor),
            }
            for one in found.fulfilment
        ],
        "rolled_up": [
            {
                "unit": call.unit, "period": f"{call.period:%Y-%m}", "week": call.week.isoformat(),
                "commit_call": text(call.commit_minor), "best_case_call": text(call.best_case_minor),
                "commit_call_below": text(call.rolled_up.commit_call), "at": moment(call.at),
            }
            for call in found.rolled_up
        ],
        "accuracy": _accuracy(found.accuracy),
        "teams": [{"units": list(team.group.names), **(_accuracy(team.accuracy) or {})} for team in found.teams],
    }  # fmt: skip


def _accuracy(found: Accuracy | None) -> dict[str, Any] | None:
    if found is None:
        return None
    figures = found.figures
    return {
        "finished": figures.count,
        "wape": _share(figures.wape),
        "mape": _share(figures.mape),
        "bias": _share(figures.bias_to_use),
        "brier": _share(figures.brier),
        "skill": _share(figures.skill),
        "warned_early": found.warned,
        "missed": found.missed,
    }


def _share(found: Decimal | None) -> str | None:
    return None if found is None else f"{found:.4f}"
