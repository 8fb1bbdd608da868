"""Holds of a deal: what stops it, who placed it and why; placing one, and releasing it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands import holds
from governance.queries import evidence
from governance.queries import holds as query
from governance.queries.holds import HoldRow
from governance.rules import hold as rules
from ledger import http, words
from ledger.queries import entries
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, Problem
from ledger.web.door import act, go, once, page
from pipeline.queries import deals, detail, heads
from pipeline.queries.deals import Deal
from pipeline.queries.reading import Reading
from pipeline.rules.policy import HISTORY, LOST
from pipeline.web import fields
from pipeline.web.reader import reader, stamp


class HoldForm(fields.Asked):
    """The function in which somebody holds, the reason code and the words."""


def form_of(functions: Sequence[str], read: Reading, data: Any = None) -> HoldForm:
    form = HoldForm(data)
    codes = [(code, word(code)) for code in rules.REASONS]
    if len(functions) > 1:
        named = [(key, read.functions.get(key, key)) for key in functions]
        form.fields["function"] = forms.CharField(label=_("In the name of"), widget=forms.Select(choices=named))
    form.fields["reason"] = forms.CharField(label=_("Reason"), widget=forms.Select(choices=codes))
    form.fields["why"] = forms.CharField(
        label=_("Why"),
        help_text=_("What has to be settled before it is released, in 3 characters or more."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    return form


def functions_of(read: Reading, unit: str | None = None) -> list[str]:
    """The functions in which a reader may hold deals of a unit, or accounts."""
    roles = rules.LEADS if unit is None else rules.WORKS
    held = [seat.function for seat in read.seats if seat.role in roles and (unit is None or seat.covers(unit))]
    return list(dict.fromkeys(held))


@page
def of_deal(request: HttpRequest, ref: str) -> HttpResponse:
    """The holds of a deal; POST places one."""
    read, by = reader(request), http.actor(request, "web")
    number = deals.number_of(ref)
    deal = detail.visible(read.seats, number)
    closed = deal.view.stage in (LOST, HISTORY)
    functions = [] if closed else functions_of(read, deal.view.unit)
    form = form_of(functions, read, request.POST or None)
    if request.method == "POST":
        try:
            return go(request, once(request, lambda: _place(request, number, form, by)))
        except Problem as problem:
            fields.blame(form, problem.faults or [Fault("", problem.slug.upper(), problem.detail)])
    context = {
        "head": heads.head(number),
        "holds": cards(query.rows(f"deal/{number}"), deal, read, by),
        "form": form if functions else None,
        "closed": closed,
        "stamp": stamp(read),
    }
    return render(request, "governance/holds.html", context, status=422 if form.errors else 200)


def _place(request: HttpRequest, number: int, form: HoldForm, by: Actor) -> str:
    said = {name: str(form.data.get(name, "")).strip() for name in form.fields}
    holds.place(number, said["reason"], said["why"], by=by, function=said.get("function", ""))
    messages.success(request, _("On hold. It neither advances nor counts as booked until you release it."))
    return reverse("deal", args=[deals.ref_of(number)])


@require_POST
@page
def release(request: HttpRequest, ref: str, hold: int) -> HttpResponse:
    number, by = deals.number_of(ref), http.actor(request, "web")

    def run() -> str:
        holds.release(number, hold, by=by, note=request.POST.get("note", ""))
        messages.success(request, _("Released."))
        return reverse("deal", args=[deals.ref_of(number)])

    return act(request, run)


def cards(rows: Sequence[HoldRow], deal: Deal, read: Reading, by: Actor) -> list[dict[str, Any]]:
    """For governance/hold_card.html, with what this reader may do about each."""
    mine = [row for row in rows if row.hold.open]
    paid = evidence.paid_on(deal.view) if mine else frozenset()
    refusals = {row.hold.id: rules.releasing(by, read.seats, deal.view, row.hold, paid) for row in mine}
    told = told_of(rows, read)
    for card in told:
        refusal = refusals.get(card["id"])
        of_account = card["of_account"] and deal.view.account is not None
        if card["open"] and of_account:
            card["account_url"] = reverse("account", args=[deal.view.account])
        elif card["open"] and not read.past:
            card["release_url"] = reverse("deal-hold-release", args=[deal.view.ref, card["id"]]) if not refusal else ""
            card["shut"] = f"{refusal.sentence} [{refusal.code}]" if refusal else ""
    return told


def told_of(rows: Sequence[HoldRow], read: Reading) -> list[dict[str, Any]]:
    """The words of each; who may do what is added by the page."""
    whys = entries.private_texts([row.hold.of_hold or row.hold.id for row in rows], "why")
    notes = entries.private_texts([row.hold.entry for row in rows if not row.hold.open], "note")
    return [
        _told(row, whys.get(row.hold.of_hold or row.hold.id, ""), notes.get(row.hold.entry, ""), read) for row in rows
    ]


def _told(row: HoldRow, why: str, note: str, read: Reading) -> dict[str, Any]:
    held = row.hold
    function = read.functions.get(held.function, held.function)
    return {
        "id": held.id,
        "open": held.open,
        "function": function,
        "of_account": held.of_hold is not None,
        "reason": word(held.reason),
        "why": why,
        "note": note,
        "owner": {"name": row.placed_by, "kind": "person", "function": function},
        "placed": words.moment(held.placed_at, read.zone, read.now),
        "released_by": row.released_by,
        "released": words.moment(held.released_at, read.zone, read.now) if held.released_at else "",
        "request_id": uuid.uuid4(),
    }


def word(code: str) -> str:
    known = {
        "credit": _("Credit"), "dispute": _("Dispute"), "compliance": _("Compliance"), "delivery": _("Delivery"),
        "data": _("Data"), "other": _("Another reason"),
    }  # fmt: skip
    return str(known.get(code, code))
