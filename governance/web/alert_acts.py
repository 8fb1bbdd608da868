"""The steps of an alert as forms that work alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands.alerting import acts
from governance.web.alerts import number_of
from ledger import http
from ledger.rules.problems import Fault, bad_input
from ledger.web.door import act, page


def _done(request: HttpRequest, number: int, run: Callable[[], None], said: str) -> HttpResponse:
    def once() -> str:
        run()
        messages.success(request, said)
        return reverse("alert", args=[f"A-{number}"])

    return act(request, once)


@require_POST
@page
def acknowledge(request: HttpRequest, ref: str) -> HttpResponse:
    number, by = number_of(ref), http.actor(request, "web")
    said = _("Acknowledged. Nothing more of it is sent.")
    return _done(request, number, lambda: acts.acknowledge(number, by=by), said)


@require_POST
@page
def explain(request: HttpRequest, ref: str) -> HttpResponse:
    number, by = number_of(ref), http.actor(request, "web")
    cause, what = request.POST.get("cause", ""), request.POST.get("what", "")
    return _done(request, number, lambda: acts.explain(number, cause, what, by=by), _("Explained, and on record."))


@require_POST
@page
def commit(request: HttpRequest, ref: str) -> HttpResponse:
    number, by = number_of(ref), http.actor(request, "web")
    try:
        day = date.fromisoformat(request.POST.get("date", ""))
    except ValueError:
        day = None
    plan = request.POST.get("plan", "")
    said = _("Committed. Another person says whether it was kept.")
    return _done(request, number, lambda: acts.commit(number, day, plan, by=by), said)


@require_POST
@page
def verify(request: HttpRequest, ref: str) -> HttpResponse:
    """`decision=verified` closes it, `rejected` with a note opens it one rung higher."""
    number, by = number_of(ref), http.actor(request, "web")
    decision, note = request.POST.get("decision", ""), request.POST.get("note", "")

    def run() -> None:
        if decision not in ("verified", "rejected"):
            raise bad_input([Fault("/decision", "ALERT-10", _("Say whether it was kept."))])
        acts.verify(number, decision == "verified", by=by, note=note)

    said = _("Closed.") if decision == "verified" else _("Open again, one rung higher.")
    return _done(request, number, run, said)
