"""The steps of a closing as forms that work alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger import http
from ledger.web.door import act, page
from reporting.commands import closing, passing


def _done(request: HttpRequest, month: date, run: Callable[[], object], said: str) -> HttpResponse:
    def once() -> str:
        run()
        messages.success(request, said)
        return reverse("period", args=[month])

    return act(request, once)


@require_POST
@page
def prepare(request: HttpRequest, month: date) -> HttpResponse:
    by = http.actor(request, "web")
    passing.look()
    said = _("Prepared. Sales, operations and finance sign these figures next.")
    return _done(request, month, lambda: closing.prepare(month, by=by), said)


@require_POST
@page
def sign(request: HttpRequest, month: date) -> HttpResponse:
    by = http.actor(request, "web")
    function, sha256 = request.POST.get("function", ""), request.POST.get("sha256", "")
    return _done(request, month, lambda: closing.sign(month, function, sha256, by=by), _("Signed, and on record."))


@require_POST
@page
def close(request: HttpRequest, month: date) -> HttpResponse:
    by = http.actor(request, "web")
    said = _("Closed. What is learned of it from now on is posted to the open month.")
    return _done(request, month, lambda: closing.close(month, by=by), said)


@require_POST
@page
def restate(request: HttpRequest, month: date) -> HttpResponse:
    by = http.actor(request, "web")
    function, reason = request.POST.get("function", ""), request.POST.get("reason", "")
    sha256 = request.POST.get("sha256", "")
    said = _("Signed. With finance and one other function the period is restated.")
    return _done(request, month, lambda: closing.restate(month, function, reason, by=by, sha256=sha256 or None), said)
