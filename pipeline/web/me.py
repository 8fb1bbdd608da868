"""A person's own settings: theme, single keys, API tokens."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import http, words
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from ledger.web.door import go, page, said_once
from pipeline.commands import preferences, tokens
from pipeline.commands.tokens import Issued
from pipeline.queries import tokens as token_rows
from pipeline.queries.reading import Reading
from pipeline.rules.seats import SeatView
from pipeline.web.reader import reader


@page
def me(request: HttpRequest) -> HttpResponse:
    """POST `act=keys|issue|revoke`; a new token is shown once, in the answer to its form."""
    read = reader(request)
    by = http.actor(request, "web")
    fresh = None
    if request.method == "POST":
        wanted = request.POST.get("act", "")
        try:
            if wanted == "keys":
                preferences.keep_single_keys(read.person, request.POST.get("single_keys") == "on")
                messages.success(request, _("Kept."))
            elif wanted == "revoke":
                tokens.revoke(_number(request.POST.get("token")), by=by)
                messages.success(request, _("The token is revoked."))
            elif wanted == "issue":
                fresh = _issue(request, read.person, by)
        except Problem as problem:
            messages.error(request, words.sentence(problem))
        if fresh is None:
            return go(request, reverse("me"))
    rows = token_rows.of_person(read.person)
    context = {
        "seats": [_seat(seat, read) for seat in read.seats],
        "single_keys": getattr(request.user, "single_keys", True),
        "token": {"name": fresh.row.name, "value": fresh.secret, "expires": words.day(fresh.row.expires_at.date())}
        if fresh
        else None,
        "tokens": [
            {
                "row": row,
                "expires": words.day(row.expires_at.date()),
                "used": row.last_used_on or _("not used yet"),
                "state": "revoked" if row.revoked_at else "met",
            }
            for row in rows
        ],
    }
    return render(request, "pipeline/me.html", context)


def _issue(request: HttpRequest, person: int, by: Actor) -> Issued | None:
    """A new token; None when the form was sent twice: its secret was shown the first time and is kept nowhere."""

    def make() -> Issued:
        days = _number(request.POST.get("days"))
        return tokens.issue(person, request.POST.get("name", ""), request.POST.get("scope", ""), days, by=by)

    return said_once(request, make)


def _seat(seat: SeatView, read: Reading) -> dict[str, str]:
    place = read.units.get(seat.unit, seat.unit) if seat.unit else _("every unit")
    return {"label": read.functions.get(seat.function, seat.function), "value": f"{seat.role}, {place}"}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
