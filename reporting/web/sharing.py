"""Sharing one's own page, and looking at somebody else's for a purpose."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ledger import http
from ledger.web.door import act, page
from pipeline.queries import people
from pipeline.web.reader import reader, stamp
from reporting.commands import sharing as commands
from reporting.web.my_forecast import figures


@require_POST
@page
def share(request: HttpRequest) -> HttpResponse:
    """`act=share` with `coach`, or `act=end`."""
    by = http.actor(request, "web")

    def run() -> str:
        if request.POST.get("act") == "end":
            commands.end(by=by)
            messages.success(request, _("Nobody but you sees it now."))
        else:
            coach = request.POST.get("coach", "")
            commands.share(int(coach) if coach.isascii() and coach.isdigit() and len(coach) < 18 else 0, by=by)
            messages.success(request, _("Shared. Each look is listed here."))
        return reverse("my-forecast")

    return act(request, run)


@require_GET
@page
def look(request: HttpRequest, person: int) -> HttpResponse:
    """`?purpose=coach|alert|audit`, and for an alert `about` its number. The look is on record before it shows."""
    read, purpose = reader(request), request.GET.get("purpose", "coach")
    commands.look(person, purpose, request.GET.get("about", ""), by=http.actor(request, "web"))
    looker = {"name": people.names([person]).get(person, ""), "purpose": purpose, "person": person}
    context = {**figures(read, person), "own": False, "looker": looker, "stamp": stamp(read)}
    return render(request, "reporting/my_forecast.html", context)


@require_POST
@page
def note(request: HttpRequest, person: int) -> HttpResponse:
    by, text = http.actor(request, "web"), request.POST.get("note", "")

    def run() -> str:
        commands.note(person, text, by=by)
        messages.success(request, _("Noted beside the figures."))
        return f"{reverse('forecast-of', args=[person])}?purpose=coach"

    return act(request, run)
