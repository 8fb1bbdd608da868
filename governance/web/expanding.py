"""The acts on expansions and reservations: each a form that works alone, sent once, refused with its reason."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands import expansions, reservations
from ledger import http
from ledger.rules.problems import Fault, bad_input
from ledger.web.door import act, back, page
from pipeline.queries.deals import number_of
from pipeline.rules import gate_words


@require_POST
@page
def order(request: HttpRequest) -> HttpResponse:
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        units, lead = _number(said.get("units", ""), "units"), _number(said.get("lead_days", ""), "lead_days")
        try:
            ordered = date.fromisoformat(said.get("ordered_on", ""))
        except ValueError:
            raise bad_input([Fault("/ordered_on", "CAP-EXP-6", _("Give the day of the order."))]) from None
        expansions.order(said.get("unit", ""), units, ordered, lead, by=by, note=said.get("note", ""))
        messages.success(request, _("Ordered. It counts once somebody else has verified it."))
        return _back(request)

    return act(request, run)


@require_POST
@page
def verify(request: HttpRequest, number: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        expansions.verify(number, by=by)
        messages.success(request, _("Verified. It counts from the first month that begins when it is ready."))
        return _back(request)

    return act(request, run)


@require_POST
@page
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    by, reason = http.actor(request, "web"), request.POST.get("reason", "")

    def run() -> str:
        expansions.withdraw(number, reason, by=by)
        messages.success(request, _("Withdrawn. What was promised on it stays promised, and shows as over."))
        return _back(request)

    return act(request, run)


@require_POST
@page
def reserve(request: HttpRequest, ref: str) -> HttpResponse:
    """`state` is soft, confirmed or released."""
    by, state, number = http.actor(request, "web"), request.POST.get("state", "soft"), number_of(ref)

    def run() -> str:
        target = reverse("deal", args=[ref]) + "#capacity"
        if state == "released":
            reservations.release(number, by=by)
            messages.success(request, _("Given back."))
            return target
        answer = reservations.reserve(number, by=by, confirm=state == "confirmed")
        if answer.fits:
            messages.success(request, _("Reserved in every delivery month."))
        else:
            said = gate_words.over_capacity(answer.facts())
            messages.error(request, _("Not reserved. %(why)s [CAP-OVER-1]") % {"why": said})
        return target

    return act(request, run)


def _back(request: HttpRequest) -> str:
    """The same unit and months of the page that the form stood on."""
    asked = urlsplit(back(request))
    return (
        reverse("capacity")
        + (f"?{asked.query}" if asked.path == reverse("capacity") and asked.query else "")
        + "#expansions"
    )


def _number(text: str, name: str) -> int:
    plain = text.strip().replace(",", "")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 12:
        raise bad_input([Fault(f"/{name}", "CAP-EXP-7", _("“%(text)s” is no whole number.") % {"text": text[:20]})])
    return int(plain)
