"""The forecast of a period: the call, what supports it, and what it was worth before."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger import words
from ledger.rules import money
from ledger.rules.problems import Problem
from ledger.web.addresses import reverse
from ledger.web.door import page_at_any_moment
from pipeline.queries import left_open, people
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.queries import asking, forecast_answer, forecasts, waits
from reporting.queries.forecast_accuracy import Accuracy
from reporting.queries.forecast_answer import Forecast
from reporting.queries.forecasts import Mine
from reporting.queries.measuring import Asked
from reporting.rules import periods
from reporting.rules.forecast import months
from reporting.rules.forecast.categories import NAMES, Category
from reporting.rules.periods import Period
from reporting.web import period_words, receipt_parts, target_forms
from reporting.web.question import question

# Category → the measure whose deals stand behind it.
BEHIND: dict[str, str] = {
    "booked": "booked", "commit": "called-commit", "best_case": "called-best-case", "pipeline": "called-pipeline",
    "omitted": "called-omitted",
}  # fmt: skip
SHOWN: tuple[Category, ...] = ("booked", "commit", "best_case", "pipeline", "omitted")
CHIPS = {"commit": "met", "best_case": "checking", "pipeline": "waiting", "omitted": "not_started", "": "opens_later"}


@require_GET
@page_at_any_moment
def forecast(request: HttpRequest) -> HttpResponse:
    """`?period=2026-Q4` (a month, a quarter or a year), `?as_of=`."""
    return _shown(request, request.GET.get("period", ""))


def again(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page with a judgement that was refused, as it was typed."""
    try:
        return _shown(request, request.POST.get("shown", ""), problem)
    except Problem:  # nobody but a program writes a period there that cannot be read
        return _shown(request, "", problem)


def _shown(request: HttpRequest, name: str, refused: Problem | None = None) -> HttpResponse:
    read = reader(request)
    start = read.company.fiscal_start_month
    period = periods.parse(name, start) if name else periods.quarter_of(read.today, start)
    asked = question(read, period)
    found = forecast_answer.answer(asked, period)
    told, call = Told(read, period), asking.tell("commit-call", asked)
    judge = target_forms.call(_judged(read), request.POST if refused else None)
    if refused:
        target_forms.faulted(judge, refused)
    context = {
        "period": period_words.called(period),
        "periods": _periods(period, read),
        "scope": _("Every unit") if read.visible is None else ", ".join(read.units.get(u, u) for u in read.visible),
        "figure": told.money(found.calls.commit_call, "commit-call"),
        "receipt": receipt_parts.receipt(call, call.claim(), read, "measure-file", "commit-call"),
        "calls": _calls(found, told),
        "table": _table(found, read, told),
        "files": receipt_parts.files(period, read, "measure-file", "forecast"),
        "stages": _stages(found, told),
        "velocity": _velocity(found, told),
        "waits": _waits(found, asked, read, told),
        "weighted": told.money(sum(found.weighted.values()), "weighted-pipeline"),
        "fulfilment": _fulfilment(found, told),
        "accuracy": _accuracy(found.accuracy),
        "teams": [
            {"name": ", ".join(read.units.get(unit, unit) for unit in team.group.names), **_accuracy(team.accuracy)}
            for team in found.teams
        ] if len(found.teams) > 1 else [],
        "left": _left(found, told),
        "mine": [] if read.past else [_mine(row, told) for row in forecasts.open_of(_seats(read), period)],
        "rolled_up": _rolled_up(found, read, told),
        "judge": judge if refused or _judged(read) else None,
        "shown": period.name,
        "request_id": uuid.uuid4(),
        "stamp": stamp(read),
    }  # fmt: skip
    return render(request, "reporting/forecast.html", context, status=refused.status if refused else 200)


class Told:
    """Amounts of one period as text, each with the address of what is behind it."""

    def __init__(self, read: Reading, period: Period) -> None:
        self.read, self.period, self.currency = read, period, read.company.currency

    def text(self, minor: int | None) -> str:
        return "" if minor is None else money.text(minor, self.currency)

    def money(self, minor: int, measure: str = "", **more: str) -> dict[str, str]:
        url = ""
        if measure and minor:
            said = {"period": self.period.name, **more}
            url = f"{reverse('measure-deals', args=[measure])}?{urlencode(said)}"
        return {"text": self.text(minor), "url": url}

    def flow(self, of: str, stage: str, **more: str) -> str:
        """The deals behind what is said of a stage."""
        said = {"of": of, "stage": stage, "period": self.period.name, **more}
        return f"{reverse('forecast-deals')}?{urlencode(said)}"


def _seats(read: Reading) -> list[int]:
    return people.seats_ever(read.person)


def _calls(found: Forecast, told: Told) -> list[dict[str, Any]]:
    calls, bias = found.calls, found.bias
    said = _("said too much") if bias > 0 else _("said too little")
    how = _("%(bias)s %(said)s before") % {"bias": percent(abs(bias)), "said": said} if bias else _("no bias is known")
    return [
        {"label": _("Best case"), **told.money(calls.best_case_call, "best-case-call"),
         "note": _("the call, and what is called best case")},
        {"label": _("Total"), **told.money(calls.total, "forecast-total"), "note": _("with the rest of the pipeline")},
        {"label": _("Supported"), **told.money(found.supported, "supported-forecast"),
         "note": _("the call, going by how such calls came: %(how)s")
         % {"how": how}},
        {"label": _("Verified"), **told.money(found.verified, "verified-forecast"),
         "note": _("booked, and of each commit the share of its booking milestones that is verified")},
        {"label": _("Illusion gap"), **told.money(found.illusion, "illusion-gap"),
         "note": _("of the call, what no verified milestone supports")},
    ]  # fmt: skip


def _left(found: Forecast, told: Told) -> list[dict[str, Any]]:
    """The closed months of the period in which open deals are left, each with its sum among what is omitted."""
    return [
        {
            "month": words.month(one),
            "value": told.text(sum(v for (category, _unit, month), v in found.sums.cells.items()
                                   if category == "omitted" and month == f"{one:%Y-%m}")),
            "url": f"{reverse('deals')}?close_after={one}&close_before={left_open.last_day(one)}",
        }
        for one in found.sums.left
    ]  # fmt: skip


def _table(found: Forecast, read: Reading, told: Told) -> dict[str, Any]:
    """Categories down, units across; each number opens the deals behind it."""
    units = sorted({unit for _c, unit, _m in found.sums.cells}, key=lambda key: read.units.get(key, key))
    sums: dict[tuple[str, str], int] = {}
    for (category, unit, _month), value in found.sums.cells.items():
        sums[category, unit] = sums.get((category, unit), 0) + value
    rows = [
        {
            "name": NAMES[category],
            "cells": [told.money(sums.get((category, unit), 0), BEHIND[category], unit=unit) for unit in units],
            "total": told.money(sum(sums.get((category, unit), 0) for unit in units), BEHIND[category]),
        }
        for category in SHOWN
    ]
    by_unit = {unit: sum(sums.get((category, unit), 0) for category in SHOWN) for unit in units}
    whole = {
        "cells": [told.money(value, "forecast", unit=unit) for unit, value in by_unit.items()],
        "total": told.money(sum(by_unit.values()), "forecast"),
    }
    return {"columns": [read.units.get(unit, unit) for unit in units], "rows": rows if units else [], "whole": whole}


def _stages(found: Forecast, told: Told) -> list[dict[str, Any]]:
    return [
        {
            "name": step.name,
            "odds": {"text": percent(step.odds), "url": told.flow("decided", step.stage)},
            "weighted": told.money(found.weighted.get(step.stage, 0), "weighted-pipeline", stage=step.stage),
            "cohort": [
                {"text": text, "url": told.flow("entered", step.stage) if text and step.cohort.entered else ""}
                for text in (
                    words.count(step.cohort.entered),
                    percent(step.cohort.to_date),
                    percent(step.cohort.resolved),
                    "" if step.median_days is None else f"{step.median_days:f}",
                )
            ],
        }
        for step in found.flow.steps
    ]


def _waits(found: Forecast, asked: Asked, read: Reading, told: Told) -> list[dict[str, str]]:
    names = asked.once(waits.gates)
    return [
        {
            "gate": names.get(wait.stage, wait.stage),
            "function": read.functions.get(wait.function, wait.function),
            "verified": words.count(wait.verified),
            "days": f"{wait.median_days:f}",
            "url": told.flow("waited", wait.stage, function=wait.function),
            "now_url": f"{reverse('measure-deals', args=['value-waiting'])}?{urlencode({'function': wait.function})}",
        }
        for wait in found.waits
    ]


def _velocity(found: Forecast, told: Told) -> dict[str, str]:
    flow = found.flow
    a_day = flow.velocity_minor()
    return {
        "text": told.text(a_day) if a_day else "",
        "rate": percent(flow.win_rate),
        "average": told.text(flow.average_won_minor),
        "days": words.count(flow.cycle_days),
        "url": told.flow("decided", flow.steps[0].stage) if flow.steps else "",
    }


def _fulfilment(found: Forecast, told: Told) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "url": f"{reverse('capacity')}?unit={one.unit}&from={told.period.first:%Y-%m}",
            "wanted": words.count(one.wanted),
            "fits": words.count(one.fulfillable),
            "share": percent(one.share),
            "over": words.count(one.over) if one.over else "",
            "lost": told.text(one.unfulfillable_minor) if one.unfulfillable_minor else "",
        }
        for one in found.fulfilment
        if one.wanted
    ]


def _accuracy(found: Accuracy | None) -> dict[str, str]:
    if found is None or not found.figures.count:
        return {}
    figures = found.figures
    return {
        "count": words.count(figures.count),
        "wape": percent(figures.wape),
        "mape": percent(figures.mape),
        "bias": signed(figures.bias_to_use),
        "brier": "" if figures.brier is None else f"{figures.brier:.4f}",
        "skill": signed(figures.skill),
        "warned": words.count(found.warned),
        "missed": words.count(found.missed),
    }


def _mine(row: Mine, told: Told) -> dict[str, Any]:
    name = NAMES[row.category] if row.category else _("Nothing said yet")  # type: ignore[index]
    return {
        "title": row.title,
        "ref": row.ref,
        "url": reverse("deal", args=[row.ref]),
        "say_url": reverse("deal-forecast", args=[row.ref]),
        "value": told.text(row.value_minor),
        "close": words.day(row.close_on),
        "state": "stale" if row.lowered else CHIPS[row.category],
        "word": _("Lowered to %(name)s") % {"name": name.lower()} if row.lowered else name,
        "probability": percent(row.probability, "1"),
    }


def _rolled_up(found: Forecast, read: Reading, told: Told) -> list[dict[str, Any]]:
    return [
        {
            "unit": read.units.get(call.unit, call.unit),
            "month": words.month(call.period),
            "week": words.day(call.week),
            "commit": told.text(call.commit_minor),
            "best": told.text(call.best_case_minor),
            "below": told.text(call.rolled_up.commit_call),
            "because": call.because,
            "entry": call.entry,
            "entry_url": reverse("ledger-entry", args=[call.entry]),
        }
        for call in found.rolled_up
    ]


def _judged(read: Reading) -> list[tuple[str, str]]:
    """Units whose roll-up this reader judges."""
    if read.past:
        return []
    named = sorted(read.units.items(), key=lambda one: one[1])
    return [(key, name) for key, name in named if months.judges(read.seats, key)]


def _periods(period: Period, read: Reading) -> list[dict[str, Any]]:
    start = read.company.fiscal_start_month
    this = periods.quarter_of(read.today, start)
    following = periods.quarter_of(this.until, start)
    before = periods.quarter_of(periods.beside(this, -1).first, start)
    month = f"{read.today:%Y-%m}"
    names = [month, this.name, following.name, before.name, this.name[:4]]
    names = names if period.name in names else [period.name, *names]
    return [
        {"label": period_words.said(one), "url": f"?{urlencode({'period': one})}", "current": one == period.name}
        for one in names
    ]


def percent(share: Decimal | None, places: str = "0.1") -> str:
    return "" if share is None else f"{(share * 100).quantize(Decimal(places)):f} %"


def signed(share: Decimal | None) -> str:
    if share is None:
        return ""
    sign = "+" if share > 0 else "−" if share < 0 else ""
    return f"{sign}{percent(abs(share))}"
