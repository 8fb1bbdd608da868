"""Saying how sure a deal is, with its ceiling in sight; and judging the roll-up of a unit."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger import http, words
from ledger.rules import money
from ledger.rules.problems import Fault, Problem, bad_input
from ledger.web.door import go, once, page
from pipeline import permissions
from pipeline.queries import deals, heads, organisation, policies
from pipeline.queries.deals import Deal
from pipeline.queries.reading import Reading
from pipeline.rules import pushes
from pipeline.web.reader import reader, stamp
from reporting.commands import calls, forecasts
from reporting.queries import forecasts as query
from reporting.queries import passages
from reporting.queries.forecasts import Judged
from reporting.queries.measuring import Asked
from reporting.rules import periods
from reporting.rules.forecast import submitting
from reporting.rules.forecast.categories import CHOICES, NAMES, rank
from reporting.web import forecast, target_forms


@page
def of_deal(request: HttpRequest, ref: str) -> HttpResponse:
    """What is said of a deal, what may be said, and why nothing surer; POST says it."""
    read, by = reader(request), http.actor(request, "web")
    deal = deals.read_one(deals.number_of(ref))
    permissions.check_can_see(read.seats, deal.view)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            return go(request, once(request, lambda: _submit(request, deal, by)))
        except Problem as refused:
            if refused.status == 404:
                raise
            problem = refused
    context = _page(read, deal, request) | {
        "problem": words.problem(problem, request) if problem else None,
        "faults": {
            fault.pointer.strip("/"): f"{fault.message} [{fault.code}]" for fault in (problem.faults if problem else ())
        },
    }
    return render(request, "reporting/deal_forecast.html", context, status=problem.status if problem else 200)


def _submit(request: HttpRequest, deal: Deal, by: Any) -> str:
    try:
        probability = Decimal(request.POST.get("probability", "").strip().rstrip("%").strip()) / 100
        if not probability.is_finite():
            raise InvalidOperation
    except InvalidOperation as error:
        raise bad_input([Fault("/probability", "FORECAST-11", _("Say it in per cent, from 0 to 100."))]) from error
    category = request.POST.get("category", "")
    forecasts.submit(deal.view.id, category, probability, by=by)
    messages.success(request, _("Submitted: %(name)s.") % {"name": NAMES[category].lower()})  # type: ignore[index]
    return reverse("deal-forecast", args=[deal.view.ref])


def _page(read: Reading, deal: Deal, request: HttpRequest) -> dict[str, Any]:
    view, said = deal.view, query.of_deal(deal.view.id)
    judged = query.judge(deal, read.now, read.company.timezone)
    open_ = view.stage in submitting.open_stages(policies.version(view.policy_version))
    mine = read.person == view.owner_person
    return {
        "head": heads.head(view.id),
        "said": {
            "name": NAMES[said.category],
            "lowered": said.lowered,
            "probability": f"{(said.probability * 100).normalize():f} %",
            "at": words.moment(said.at, read.zone),
        } if said else None,
        "ceiling": NAMES[judged.ceiling.category],
        "choices": [
            {"key": key, "name": NAMES[key], "shut": rank(key) > rank(judged.ceiling.category),
             "current": key == (request.POST.get("category") or (said.category if said else "pipeline"))}
            for key in reversed(CHOICES)
        ],
        "probability": request.POST.get("probability") or (f"{(said.probability * 100).normalize():f}" if said else ""),
        "reasons": [
            {
                "state": "blocked" if reason.category == "best_case" else "waiting",
                "word": NAMES[reason.category],
                "message": reason.sentence,
                "remedy": reason.remedy,
                "owner": read.functions.get(reason.owner_function, reason.owner_function),
                "code": reason.code,
            }
            for reason in judged.ceiling.reasons
        ],
        "slip": _slip(read, deal, judged) if open_ else None,
        "amount": money.text(view.amount_minor, view.currency) if view.amount_minor and view.currency else "",
        "may": mine and open_ and not read.past,
        "shut": "" if mine else _("The forecast is the word of the deal's owner."),
        "stamp": stamp(read),
    }  # fmt: skip


def _slip(read: Reading, deal: Deal, judged: Judged) -> dict[str, Any] | None:
    """Where the close stood first, how it has moved, and when it may be expected going by deals like it."""
    close, moved = deal.view.close_on, judged.moved
    if close is None:
        return None
    asked = Asked(read.company, read.now)
    more = passages.remaining_slip(asked, deal.view.stage, len(moved))
    baseline = query.baseline(deal.view.id)
    return {
        "close": words.day(close),
        "baseline": words.day(baseline) if baseline else "",
        "days": pushes.slip(baseline, close) if baseline else None,
        "pushes": len(moved),
        "boundary": sum(push.boundary for push in moved),
        "expected": words.day(pushes.expected_close(close, more)),
        "more": more,
    }


@require_POST
@page
def call(request: HttpRequest) -> HttpResponse:
    """The manager's own judgement of a month: `unit`, `period`, `commit`, `best_case`, `because`."""
    by = http.actor(request, "web")

    def run() -> str:
        company = organisation.company()
        period = periods.parse(request.POST.get("period", ""), company.fiscal_start_month)
        if period.until != periods.beside(period, 1).first or len(period.name) != len("2026-11"):
            raise bad_input([Fault("/period", "FORECAST-15", _("A roll-up is judged by the month: choose one."))])
        read = [
            money.to_minor(request.POST.get(name, "").strip(), company.currency, f"/{name}")
            for name in ("commit", "best_case")
        ]
        faults = [one for one in read if isinstance(one, Fault)]
        if faults:
            raise bad_input(faults)
        commit, best_case = (one for one in read if isinstance(one, int))
        because = request.POST.get("because", "")
        calls.make(request.POST.get("unit", ""), period, commit, best_case, because, by=by)
        messages.success(request, _("Judged, and on record beside what rolled up."))
        return f"{reverse('forecast')}?period={period.name}"

    return target_forms.told(request, run, lambda problem: forecast.again(request, problem))
