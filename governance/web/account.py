"""An account: its health, what holds it, what was logged on it, and its deals as far as the reader sees them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands import account_holds
from governance.queries import holds as query
from governance.rules import hold as rules
from governance.web import account_health, holds, touchpoints
from governance.web.holds import HoldForm
from ledger import http
from ledger.queries import entries
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, Problem
from ledger.web import telling
from ledger.web.door import act, go, once, page, page_at_any_moment
from pipeline.models import Account
from pipeline.queries import listing, people, reference_lists
from pipeline.queries.reading import Reading
from pipeline.web import fields
from pipeline.web.listing import row as deal_row
from pipeline.web.listing import stages_of
from pipeline.web.reader import reader, stamp

SHOWN = 25


@page_at_any_moment
def account(request: HttpRequest, number: int) -> HttpResponse:
    """An account, now or at a moment; POST puts it on hold."""
    read, by = reader(request), http.actor(request, "web")
    found = reference_lists.account(number)
    functions = [] if read.past else holds.functions_of(read)
    form = holds.form_of(functions, read, request.POST or None)
    if request.method == "POST":
        try:
            return go(request, once(request, lambda: _place(request, number, form, by)))
        except Problem as problem:
            fields.blame(form, problem.faults or [Fault("", problem.slug.upper(), problem.detail)])
    return render(request, "governance/account.html", _context(found, read, form if functions else None),
                  status=422 if form.errors else 200)  # fmt: skip


def _context(found: Account, read: Reading, form: HoldForm | None) -> dict[str, Any]:
    deals = listing.deals(read.seats, listing.Filters(account=found.pk), after=None, limit=SHOWN)
    stages = stages_of(read)
    told = entries.timeline(f"account/{found.pk}", limit=SHOWN)
    known = people.names(entry.actor for entry in told)
    names = dict(read.functions)
    return {
        "account": found,
        "facts": [
            {"label": _("Sector"), "value": found.sector or "—"},
            {"label": _("Country"), "value": found.country or "—"},
            {
                "label": _("Part of"),
                "value": found.parent.name if found.parent else "—",
                "url": reverse("account", args=[found.parent.pk]) if found.parent else "",
            },
        ],
        "health": account_health.card(found.pk),
        "holds": _holds(found.pk, read),
        "touchpoints": touchpoints.cards(found.pk, read),
        "kinds": touchpoints.kinds(read) if _works(read) else [],
        "hold_reasons": [(code, holds.word(code)) for code in rules.REASONS] if form else [],
        "deals": [deal_row(one, read, stages) for one in deals.rows],
        "more_url": f"{reverse('deals')}?account={found.pk}" if deals.next else "",
        "form": form,
        "timeline": [telling.row(entry, names, known, read.zone, read.now) for entry in told],
        "stamp": stamp(read),
        "request_id": uuid.uuid4(),
    }


def _works(read: Reading) -> bool:
    return not read.past and any(seat.role in rules.WORKS for seat in read.seats)


def _holds(number: int, read: Reading) -> list[dict[str, Any]]:
    rows = query.rows(f"account/{number}", open_only=True)
    cards = holds.told_of(rows, read)
    for row, card in zip(rows, cards, strict=True):
        refusal = rules.releasing_account(read.seats, row.hold)
        if read.past:
            continue
        card["release_url"] = "" if refusal else reverse("account-hold-release", args=[number, row.hold.id])
        card["shut"] = f"{refusal.sentence} [{refusal.code}]" if refusal else ""
    return cards


def _place(request: HttpRequest, number: int, form: HoldForm, by: Actor) -> str:
    said = {name: str(form.data.get(name, "")).strip() for name in form.fields}
    account_holds.place(number, said["reason"], said["why"], by=by, function=said.get("function", ""))
    messages.success(request, _("On hold, with all its deals, until your function releases it."))
    return reverse("account", args=[number])


@require_POST
@page
def release(request: HttpRequest, number: int, hold: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        account_holds.release(number, hold, by=by, note=request.POST.get("note", ""))
        messages.success(request, _("Released, with all its deals."))
        return reverse("account", args=[number])

    return act(request, run)
