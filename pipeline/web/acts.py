"""Acts that move a deal: each a form that works alone, each sent once, each refused with its reason."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger import http
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from ledger.web.door import act, back, go, once, page
from pipeline import permissions
from pipeline.commands import advancing, closing
from pipeline.queries import deals, heads, owners, policies
from pipeline.rules.policy import HISTORY, LOST
from pipeline.web import refusal
from pipeline.web.closing_forms import ClosingForm, form_of
from pipeline.web.reader import reader


@require_POST
@page
def advance(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks the gate. Refused: back to where it was asked, with every reason; the refusal is on record."""
    number = deals.number_of(ref)
    board = request.GET.get("from") == "board"
    to = request.POST.get("to_stage") or request.GET.get("to", "")
    by = http.actor(request, "web")

    def run() -> str:
        decision = advancing.advance(number, to, by=by)
        if decision.passed:
            messages.success(request, _moved(decision.to_stage, decision.policy_version))
            return _with(back(request), refused=None) if board else reverse("deal", args=[deals.ref_of(number)])
        if board:
            return _with(back(request), refused=deals.ref_of(number))
        messages.error(request, refusal.sentence(decision))
        return reverse("deal", args=[deals.ref_of(number)])

    return act(request, run)


def _moved(stage: str, version: int) -> str:
    found = policies.version(version).stage(stage)
    return _("Advanced to %(stage)s.") % {"stage": found.name if found else stage}


def _with(url: str, **changed: str | None) -> str:
    parts = urlsplit(url)
    said = [(key, value) for key, value in parse_qsl(parts.query) if key not in changed]
    said += [(key, value) for key, value in changed.items() if value]
    return f"{parts.path}?{urlencode(said)}" if said else parts.path


@page
def closing_act(request: HttpRequest, ref: str, act_name: str) -> HttpResponse:
    """Return, lose, re-open, assign: a small form of its own."""
    read = reader(request)
    deal = deals.read_one(deals.number_of(ref))
    by = http.actor(request, "web")
    permissions.check_can_act(by, read.seats, deal.view)
    if act_name == "assign":
        permissions.check_can_assign(read.seats, deal.view)
    policy = policies.version(deal.view.policy_version)
    seats = owners.sales_seats() if act_name == "assign" else []
    form = form_of(act_name, policy, deal.view, seats, read.units, request.POST or None)
    if request.method == "POST":
        key, run = deal.view.id, _COMMANDS[act_name]
        try:
            return go(request, _run(request, key, lambda: run(key, form, by)))
        except Problem as problem:
            form.blame(problem)
    context = {
        "form": form,
        "head": heads.head(deal.view.id),
        "act": form.words,
        "closed": deal.view.stage in (LOST, HISTORY),
    }
    return render(request, "pipeline/closing.html", context, status=422 if form.errors else 200)


def _run(request: HttpRequest, number: int, run: Callable[[], object]) -> str:
    def once_run() -> str:
        run()
        messages.success(request, _("Done, and on record."))
        return reverse("deal", args=[deals.ref_of(number)])

    return once(request, once_run)


def _return(number: int, form: ClosingForm, by: Actor) -> object:
    return closing.return_deal(number, form.said("to"), form.said("reason"), by=by, on=form.day("on"))


def _lose(number: int, form: ClosingForm, by: Actor) -> object:
    return closing.lose(number, form.said("reason"), note=form.said("note"), by=by, on=form.day("on"))


def _reopen(number: int, form: ClosingForm, by: Actor) -> object:
    return closing.reopen(number, form.said("reason"), by=by)


def _assign(number: int, form: ClosingForm, by: Actor) -> object:
    seat = form.said("owner")
    return closing.assign(number, int(seat) if seat.isascii() and seat.isdigit() and len(seat) < 16 else 0, by=by)


_COMMANDS = {"return": _return, "lose": _lose, "reopen": _reopen, "assign": _assign}
