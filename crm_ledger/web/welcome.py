"""The first page of the demo: be somebody, move the clock, see the regional case. Outside the demo: 404."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from crm_ledger.demo import clock, data, regional, state, tour
from crm_ledger.local.people import PASSWORD, PEOPLE

_BACKEND = "crm_ledger.accounts.Backend"
_MORNING = 9

View = Callable[[HttpRequest], HttpResponse]


def _demo_only(view: View) -> View:
    @wraps(view)
    def run(request: HttpRequest) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request)

    return run


@_demo_only
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    if not state.is_open():
        return render(request, "welcome/page.html", {"built": False})
    reading = clock.read()
    waiting = state.waiting()
    context: dict[str, Any] = {
        "built": True,
        "password": PASSWORD,
        "counts": {"people": len(data.people()), "deals": len(data.plans())},
        "personas": tour.personas(),
        "people": PEOPLE,
        "stops": [
            {"state": "met" if stop.done else "not_started", "label": stop.label, "url": stop.url, "proof": stop.proof}
            for stop in tour.stops()
        ],
        "now": _says(reading.now),
        "ahead": timedelta(minutes=round(reading.ahead.total_seconds() / 60)),
        "friday": _says(_next_friday(reading.now)),
        "case": regional.case(),
    }
    if waiting is not None:
        deal, decision = waiting
        context["waiting"] = {
            "ref": deal.view.ref,
            "title": state.WAITING,
            "refusals": decision.refusals,
            "booked": deal.view.stage == decision.to_stage,
        }
    return render(request, "welcome/page.html", context)


@_demo_only
@require_POST
def become(request: HttpRequest) -> HttpResponse:
    """Logs in as one of the demo people, without a password."""
    email = request.POST.get("email", "")
    person = state.persona(email) if email in PEOPLE else None
    if person is None or not state.is_open():
        raise Http404
    login(request, person, backend=_BACKEND)
    messages.success(request, _("You are %(name)s now.") % {"name": person.name})
    return HttpResponseRedirect("/welcome/")


@_demo_only
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """One day on, or to the next Friday morning."""
    now = clock.read().now
    targets = {"day": now + timedelta(days=1), "friday": _next_friday(now)}
    target = targets.get(request.POST.get("to", ""))
    if target is None or not state.is_open():
        raise Http404
    try:
        messages.success(request, _("The clock stands at %(moment)s.") % {"moment": _says(clock.move(target))})
    except clock.ClockStands as sentence:
        messages.error(request, str(sentence))
    return HttpResponseRedirect("/welcome/")


def _next_friday(now: datetime) -> datetime:
    days = (4 - now.weekday()) % 7 or 7
    return (now + timedelta(days=days)).replace(hour=_MORNING, minute=0, second=0, microsecond=0)


def _says(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b %Y}, {moment:%H:%M} UTC"
