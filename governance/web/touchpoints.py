"""Touchpoints on the page of an account: the forms post here."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands import touchpoints
from governance.queries import touchpoints as query
from governance.rules import touchpoint as rules
from ledger import http, words
from ledger.queries import entries
from ledger.web.door import act, page
from pipeline.queries.reading import Reading


def kinds(read: Reading) -> list[tuple[str, str]]:
    """`Defect (operations, −20)`: what can be logged, whose work it concerns and what it weighs."""
    return [
        (
            kind,
            f"{word(kind)} ({read.functions.get(sort.function, sort.function).lower()}, \N{MINUS SIGN}{sort.weight})",
        )
        for kind, sort in rules.SORTS.items()
    ]


def word(kind: str) -> str:
    known = {
        "billing-error": _("Billing error"), "late-payment": _("Late payment"), "defect": _("Defect"),
        "late-delivery": _("Late delivery"), "delayed-hire": _("Delayed hire"), "complaint": _("Complaint"),
        "contact-lost": _("Contact lost"), "contract-dispute": _("Contract dispute"),
    }  # fmt: skip
    return str(known.get(kind, kind))


def cards(account: int, read: Reading, *, limit: int = 25) -> list[dict[str, Any]]:
    """The newest, open ones and settled, with what this reader may do about each."""
    rows = query.rows(account, limit=limit)
    whats = entries.private_texts([row.touchpoint.id for row in rows], "what")
    told = []
    for row in rows:
        one = row.touchpoint
        refusal = rules.settling(read.seats, one) if one.open else None
        may = one.open and refusal is None and not read.past
        told.append(
            {
                "id": one.id,
                "open": one.open,
                "kind": word(one.kind),
                "weight": f"\N{MINUS SIGN}{one.weight}",
                "what": whats.get(one.id, ""),
                "who": {"name": row.logged_by, "kind": "person", "function": read.functions.get(one.logged_as, "")},
                "concerns": {"name": read.functions.get(one.function, one.function), "kind": "queue"},
                "logged": words.moment(one.logged_at, read.zone, read.now),
                "settled_by": row.settled_by,
                "settled": words.moment(one.settled_at, read.zone, read.now) if one.settled_at else "",
                "settle_url": reverse("account-touchpoint-settle", args=[account, one.id]) if may else "",
                "request_id": uuid.uuid4(),
            }
        )
    return told


@require_POST
@page
def log(request: HttpRequest, number: int) -> HttpResponse:
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        touchpoints.log(number, said.get("kind", ""), said.get("what", ""), by=by, hold=said.get("hold", ""))
        messages.success(request, _("Logged. The health of the account follows."))
        return reverse("account", args=[number])

    return act(request, run)


@require_POST
@page
def settle(request: HttpRequest, number: int, touchpoint: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        touchpoints.settle(number, touchpoint, by=by, note=request.POST.get("note", ""))
        messages.success(request, _("Settled."))
        return reverse("account", args=[number])

    return act(request, run)
