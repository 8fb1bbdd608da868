"""The deals behind any measure, each with the entry that moved it last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger.rules import moments, money
from ledger.rules.postings import BOOKED, BOOKED_UNDER_WAIVER, UNVERIFIED
from ledger.rules.problems import not_found
from ledger.web.addresses import reverse
from ledger.web.door import page_at_any_moment
from pipeline.queries import policies
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader
from reporting.queries import asking, forecast_measures
from reporting.queries.measuring import Asked
from reporting.rules import periods
from reporting.web import deal_rows, period_words, receipt_parts
from reporting.web.question import question

LIMIT = 50
_OF_FORECAST = {measure.name for measure in forecast_measures.MEASURES}
# The lists of the booked page are addressed by place.
_OF_PLACE = {BOOKED: "booked", BOOKED_UNDER_WAIVER: "booked-under-waiver", UNVERIFIED: "unverified-history"}


@require_GET
@page_at_any_moment
def measure_deals(request: HttpRequest, name: str) -> HttpResponse:
    """`?period= unit= function= stage= as_of=`, and `before` the last entry seen."""
    return _listed(request, name)


@require_GET
@page_at_any_moment
def booked_deals(request: HttpRequest) -> HttpResponse:
    """`?place=` as well."""
    place = request.GET.get("place", BOOKED)
    if place not in _OF_PLACE:
        raise not_found(_("This number"))
    return _listed(request, _OF_PLACE[place])


def _listed(request: HttpRequest, name: str) -> HttpResponse:
    read = reader(request)
    measure = asking.named(name)
    said, unit = request.GET.get("period", "all"), request.GET.get("unit", "")
    period = None if said == "all" else periods.parse(said, read.company.fiscal_start_month)
    if unit and ((read.visible is not None and unit not in read.visible) or unit not in read.units):
        raise not_found(_("This number"))
    function = request.GET.get("function", "")
    if function and function not in read.functions:
        raise not_found(_("This number"))
    stage = request.GET.get("stage", "")
    asking.check_stage(stage)
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 17 else None
    asked = question(read, period, unit, function=function, stage=stage)
    rows = asking.tell(name, asked).answer.behind(number, LIMIT)
    kept = {key: value for key, value in request.GET.items() if key not in ("before", moments.NAME)}
    more = f"?{urlencode({**kept, 'before': rows[-1].entry})}" if len(rows) == LIMIT else ""
    back = urlencode([(key, value) for key, value in kept.items() if key == "period" and value != "all"])
    context = {
        "title": measure.title,
        "definition": measure.definition,
        "period": period_words.called(period),
        "unit": read.units.get(unit, unit),
        "function": read.functions.get(function, ""),
        "stage": _stage(read, stage),
        "functions": _functions(read, function, kept) if measure.by_function else [],
        "rows": [deal_rows.row(row, read) for row in rows],
        "sum": money.text(sum(row.amount for row in rows), read.company.currency),
        "page": {"text": "", "next_url": more, "first_url": f"?{urlencode(kept)}" if before else ""},
        "out": _out(read, asked, kept) if name == "booked" else None,
        "whole": not more and not before and measure.unit == "money",
        "back": f"{reverse('forecast' if name in _OF_FORECAST else 'booked')}?{back}",
        "files": [] if function or stage else receipt_parts.files(period, read, "measure-file", name, unit=unit),
    }
    return render(request, "reporting/booked_deals.html", context)


def _out(read: Reading, asked: Asked, kept: Mapping[str, Any]) -> dict[str, str] | None:
    """What was taken out of booked again, and where its deals are; None where nothing was."""
    value = asking.tell("de-booked", asked).answer.value
    url = f"{reverse('measure-deals', args=['de-booked'])}?{urlencode(kept)}"
    return {"text": money.text(int(value), read.company.currency), "url": url} if value else None


def _functions(read: Reading, current: str, kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every function, and all of them together: the list of each."""
    rest = {key: value for key, value in kept.items() if key != "function"}
    return [
        {"label": label, "url": f"?{urlencode(rest | ({'function': key} if key else {}))}", "current": key == current}
        for key, label in [("", _("Every function")), *sorted(read.functions.items(), key=lambda one: one[1])]
    ]


def _stage(read: Reading, key: str) -> str:
    """What the policy in force calls a stage; its key where that has it no more."""
    stages = policies.version(read.policy).stages if read.policy else ()
    return next((stage.name for stage in stages if stage.key == key), key)
