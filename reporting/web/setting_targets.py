"""The acts on objectives and targets as forms that work alone."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands.targets import setting
from ledger import http
from ledger.rules.problems import Fault, Problem, bad_input
from ledger.web.door import page
from pipeline.queries import seats
from pipeline.queries.deals import number_of
from reporting.commands import goals
from reporting.queries import progress
from reporting.web import objectives
from reporting.web.target_forms import told


@require_POST
@page
def set_objective(request: HttpRequest) -> HttpResponse:
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        period = said.get("period", "")
        setting.set_objective(said.get("title", ""), progress.span(period, said.get("unit", "")), by=by)
        messages.success(request, _("Objective set. Key results say when it is reached."))
        return f"{reverse('objectives')}?period={period}"

    return told(request, run, lambda problem: objectives.again(request, "objective", problem))


@require_POST
@page
def set_target(request: HttpRequest) -> HttpResponse:
    """A line of the plan, or with `objective` a key result of it."""
    by, said = http.actor(request, "web"), request.POST
    objective = said.get("objective", "")

    def run() -> str:
        number = goals.set_target(
            "key_result" if objective else "plan", said.get("measure", ""), _amount(said.get("goal", ""), "goal"),
            by=by, base=_amount(said.get("base", "") or "0", "base"), period=said.get("period", ""),
            unit=said.get("unit", ""), objective=_number(objective), title=said.get("title", ""),
        )  # fmt: skip
        messages.success(request, _("Target set."))
        return reverse("target", args=[number])

    def again(problem: Problem) -> HttpResponse:
        return objectives.again(request, "result" if objective else "plan", problem, _number(objective) or 0)

    return told(request, run, again)


@require_POST
@page
def revise(request: HttpRequest, number: int) -> HttpResponse:
    """The next version of a target; what the form does not name stays as it was."""
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        goals.revise(number, _amount(said.get("goal", ""), "goal"), _amount(said.get("base", "") or "0", "base"), by=by)
        messages.success(request, _("Revised. The version before stays on record."))
        return reverse("target", args=[number])

    return told(request, run, lambda problem: objectives.target_again(request, number, "revision", problem))


@require_POST
@page
def link(request: HttpRequest, number: int) -> HttpResponse:
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        amount = _amount(said.get("amount", ""), "amount")
        progress.target(seats.of_person(by.person), number)
        deal = said.get("deal", "").strip()
        try:
            goals.link(number, number_of(deal), said.get("milestone", "").strip(), amount, by=by)
        except Problem as problem:
            if problem.status == 404:
                raise _no_deal(deal) from problem
            raise
        messages.success(request, _("Linked.") if amount else _("The link is taken away."))
        return reverse("target", args=[number])

    return told(request, run, lambda problem: objectives.target_again(request, number, "link", problem))


def _no_deal(said: str) -> Problem:
    say = _("“%(text)s” is no deal, or milestone of one, that you see. Write a deal as D-000123.") % {"text": said[:20]}
    return bad_input([Fault("/deal", "TARGET-14", say)])


@require_POST
@page
def withdraw_objective(request: HttpRequest, number: int) -> HttpResponse:
    return _withdraw(request, "objective", number)


@require_POST
@page
def withdraw_target(request: HttpRequest, number: int) -> HttpResponse:
    return _withdraw(request, "target", number)


def _withdraw(request: HttpRequest, noun: str, number: int) -> HttpResponse:
    by, reason = http.actor(request, "web"), request.POST.get("reason", "")

    def run() -> str:
        setting.withdraw(noun, number, reason, by=by)
        messages.success(request, _("Withdrawn. Its versions stay on record."))
        return reverse("objectives")

    def again(problem: Problem) -> HttpResponse:
        if noun == "objective":
            return objectives.again(request, "withdrawal", problem, number)
        return objectives.target_again(request, number, "withdrawal", problem)

    return told(request, run, again)


def _amount(text: str, name: str) -> Decimal:
    try:
        number = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 15:
        say = _("“%(text)s” is no amount. Write digits and a point.") % {"text": text[:20]}
        raise bad_input([Fault(f"/{name}", "TARGET-13", say)])
    return number


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
