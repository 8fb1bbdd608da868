"""Another day for a milestone: its effect first, then the act."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance import permissions
from governance.commands import replanning
from governance.queries import milestones, what_if
from governance.queries.milestones import MilestoneRow
from governance.rules import milestone as states
from governance.rules import replanning as rules
from governance.web import effects
from ledger import http, words
from ledger.web.door import act, page
from pipeline.queries import calendars, deals
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp


@require_http_methods(["GET", "POST"])
@page
def replan(request: HttpRequest, number: int) -> HttpResponse:
    """`GET ?due=` shows what the day would do, before anybody commits to it; POST commits to it."""
    if request.method == "POST":
        return _replan(request, number)
    read = reader(request)
    row = milestones.visible(read.seats, number)
    context = _context(row, read, request.GET.get("due", "")) | {"stamp": stamp(read)}
    part = request.headers.get("HX-Target") == "effect"
    return render(request, "governance/replan.html#effect" if part else "governance/replan.html", context)


def _replan(request: HttpRequest, number: int) -> HttpResponse:
    by = http.actor(request, "web")
    day, note = effects.day_of(request.POST.get("due", "")), request.POST.get("note", "")

    def run() -> str:
        replanning.replan(number, day, note, by=by)
        messages.success(request, _("Re-planned. The revenue that hangs on it has moved with it."))
        row = milestones.one(number)
        return reverse("milestone", args=[row.ref, row.key])

    return act(request, run)


def _context(row: MilestoneRow, read: Reading, asked: str) -> dict[str, Any]:
    day = effects.day_of(asked)
    movers = rules.movers(row.requirement, row.function)
    refusal = rules.replanning(read.seats, deals.read_one(row.deal).view, movers)
    wrong = states.wrong_state("replan", row.state)
    return {
        "row": row,
        "url": reverse("milestone", args=[row.ref, row.key]),
        "due": words.due(row.due_at, read.zone, read.now),
        "shut": wrong or (permissions.sentence(refusal) if refusal is not None else ""),
        "asked": day.isoformat() if day else "",
        "day": words.day(day, read.today) if day else "",
        "effect": effects.shown(what_if.of_milestone(row.id, day)) if day and day > read.today else None,
        "first_day": calendars.of_unit(row.unit).after(read.today).isoformat(),
        "request_id": uuid.uuid4(),
    }
