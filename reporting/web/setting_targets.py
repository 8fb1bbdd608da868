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
from ledger.rules.problems import Fault, bad_input
from ledger.web.door import act, page
from pipeline.queries.deals import number_of
from reporting.commands import goals
from reporting.queries import progress


@require_POST
@page
def set_objective(request: HttpRequest) -> HttpResponse:
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        period = said.get("period", "")
        setting.set_objective(said.get("title", ""), progress.span(period, said.get("unit", "")), by=by)
        messages.success(request, _("Objective set. Key results say when it is reached."))
        return f"{reverse('objectives')}?period={period}"

    return act(request, run)


@require_POST
@page
def set_target(request: HttpRequest) -> HttpResponse:
    """A line of the plan, or with `objective` a key result of it."""
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        objective = said.get("objective", "")
        number = goals.set_target(
            "key_result" if objective else "plan", said.get("measure", ""), _amount(said.get("goal", ""), "goal"),
            by=by, base=_amount(said.get("base", "") or "0", "base"), period=said.get("period", ""),
            unit=said.get("unit", ""), objective=_number(objective), title=said.get("title", ""),
        )  # fmt: skip
        messages.success(request, _("Target set."))
        return reverse("target", args=[number])

    return act(request, run)


@require_POST
@page
def revise(request: HttpRequest, number: int) -> HttpResponse:
    """The next version of a target; what the form does not name stays as it was."""
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        goals.revise(number, _amount(said.get("goal", ""), "goal"), _amount(said.get("base", "") or "0", "base"), by=by)
        messages.success(request, _("Revised. The version before stays on record."))
        return reverse("target", args=[number])

    return act(request, run)


@require_POST
@page
def link(request: HttpRequest, number: int) -> HttpResponse:
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        amount = _amount(said.get("amount", ""), "amount")
        goals.link(number, number_of(said.get("deal", "").strip()), said.get("milestone", "").strip(), amount, by=by)
        messages.success(request, _("Linked.") if amount else _("The link is taken away."))
        return reverse("target", args=[number])

    return act(request, run)


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

    return act(request, run)


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
