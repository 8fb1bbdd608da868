"""For programs: where the API is described, webhooks with their state, and what was delivered lately."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance import permissions
from governance.commands.notifying import subscriptions as commands
from governance.commands.notifying.subscriptions import Issued
from governance.queries import subscriptions
from governance.queries.subscriptions import SubscriptionRow
from governance.web import delivery_rows
from governance.web.notifications import number
from ledger import http, words
from ledger.rules.problems import Problem
from ledger.web.door import act, go, page, said_once
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp

SHOWN = 20
_CHIPS = {"working": ("met", _("Working")), "failing": ("waiting", _("Failing")), "stopped": ("blocked", _("Stopped"))}


@page
def developer(request: HttpRequest) -> HttpResponse:
    """POST makes a webhook or, with `rotate`, a new secret; the secret is shown once, in the answer to its form."""
    read = reader(request)
    fresh, typed = None, {"topics": "booking.*"}
    if request.method == "POST":
        try:
            fresh = said_once(request, lambda: _issue(request))
            if fresh is None:
                return go(request, reverse("developer"))
        except Problem as problem:
            messages.error(request, words.sentence(problem))
            typed = {name: request.POST.get(name, "") for name in ("name", "url", "topics", "form")}
    administers = permissions.administers(read.seats)
    rows = subscriptions.of_person(read.person, limit=SHOWN)
    context = {
        "typed": typed,
        "issued": {"name": fresh.row.name, "value": fresh.secret} if fresh and fresh.secret else None,
        "hooks": [_hook(row, read) for row in rows],
        "may": any(seat.role != "admin" for seat in read.seats),
        "others": [_hook(row, read) for row in subscriptions.everybodys(SHOWN)] if administers else [],
        "newest": read.position,
        "origin": f"{request.scheme}://{request.get_host()}",
        "stamp": stamp(read),
    }
    return render(
        request, "governance/developer.html", context, status=422 if request.method == "POST" and not fresh else 200
    )


def _issue(request: HttpRequest) -> Issued:
    by = http.actor(request, "web")
    if "rotate" in request.POST:
        return commands.rotate(number(request.POST["rotate"]) or 0, by=by)
    asked = request.POST.get("topics", "").replace(",", " ").split()
    name, url = (request.POST.get(field, "").strip()[:500] for field in ("name", "url"))
    issued = commands.subscribe(name, url, asked, request.POST.get("form") or "webhook", by=by)
    if not issued.secret:
        messages.success(request, _("From now on it is told what happens."))
    return issued


def _hook(row: SubscriptionRow, read: Reading) -> dict[str, Any]:
    state, word = _CHIPS[row.state]
    own = row.person == read.person
    return {
        "id": row.id,
        "name": row.name,
        "shown": row.shown,
        "form": row.form,
        "topics": ", ".join(row.topics),
        "person": row.person_name,
        "chip": {"state": state, "word": word},
        "since": words.moment(row.failing_since, read.zone, read.now),
        "next": words.moment(row.next_try, read.zone, read.now),
        "said": row.said,
        "waiting": row.waiting if row.waiting <= 500 else "500+",
        "deliveries": [
            delivery_rows.delivery(one, read) for one in subscriptions.deliveries(subscription=row.id, limit=SHOWN)
        ]
        if own
        else [],
    }


@require_POST
@page
def act_on(request: HttpRequest) -> HttpResponse:
    """`do` names the act: test, resume, end with a webhook; replay with its entry; redeliver with a delivery."""
    by, do = http.actor(request, "web"), request.POST.get("do", "")
    hook = number(request.POST.get("webhook")) or 0

    def run() -> str:
        if do == "test":
            commands.test(hook, by=by)
        elif do == "resume":
            commands.resume(hook, by=by)
        elif do == "end":
            commands.end(hook, by=by)
        elif do == "replay":
            commands.replay(hook, number(request.POST.get("entry")) or 1, by=by)
        elif do == "redeliver":
            commands.redeliver(number(request.POST.get("delivery")) or 0, by=by)
        return reverse("developer")

    return act(request, run)
