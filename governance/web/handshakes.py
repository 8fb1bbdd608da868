"""A handshake on the page of its milestone and in the queue: offer, accept, refuse with a counter-offer."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands import handshakes
from governance.queries import milestones as rows
from governance.queries.milestones import MilestoneRow
from governance.rules import handshake as rules
from governance.rules.verification import Refusal
from governance.web.near import Near
from ledger import http, words
from ledger.queries import entries
from ledger.web.door import act, back, page

SAID = {
    "offered": _("Offered. The other function answers."), "accepted": _("Accepted, and on record."),
    "refused": _("Refused, with your reason."), "withdrawn": _("Withdrawn. What rested on it was checked again."),
}  # fmt: skip


def card(row: MilestoneRow, near: Near) -> dict[str, Any]:
    """For governance/handshake.html: what was offered, by whom, the counter-offer, and what this reader may do."""
    read, deal = near.read, near.deal
    said = json.loads(row.agreed or "{}")
    standing = deal.standings[row.key]
    function = read.functions.get(row.function, row.function)
    may: list[str] = []
    shut = ""
    if not read.past:
        if row.state in rules.FOLLOWS["offered"]:
            _by, refusal = rules.offering(near.by, read.seats, deal.view, row.function)
            may, shut = (["offered"], "") if refusal is None else ([], _sentence(refusal))
        elif row.state == "offered":
            refusal = rules.answering(near.by, read.seats, deal.view, standing, near.paid)
            may, shut = (["accepted", "refused"], "") if refusal is None else ([], _sentence(refusal))
        elif row.state == "accepted" and rules.withdrawing(near.by, read.seats, deal.view, standing) is None:
            may = ["withdrawn"]
    return {
        "id": row.id,
        "state": row.state,
        "function": function,
        "offered_by": read.functions.get(said.get("offered_by", ""), said.get("offered_by", "")),
        "date": _day(said.get("date"), near),
        "earliest": _day(said.get("earliest"), near) if row.state == "refused" else "",
        "suggested": said.get("earliest") or said.get("date") or read.today.isoformat(),
        "today": read.today.isoformat(),
        "who": row.actor_name or "",
        "when": words.moment(row.at, read.zone, read.now),
        "note": entries.one(row.entry).private.get("note", "") if row.state != "planned" else "",
        "may": may,
        "shut": shut,
        "url": reverse("milestone-handshake", args=[row.id]),
        "request_ids": [uuid.uuid4() for _at in range(3)],
    }


def _sentence(refusal: Refusal) -> str:
    return f"{refusal.sentence} [{refusal.code}]"


def _day(iso: str | None, near: Near) -> str:
    return words.day(date.fromisoformat(iso), near.read.today) if iso else ""


@require_POST
@page
def step(request: HttpRequest, number: int) -> HttpResponse:
    """`decision`, with `date`, `earliest` and `note` where it asks for them."""
    by, said = http.actor(request, "web"), request.POST

    def run() -> str:
        decision = said.get("decision", "")
        if decision in rules.DECISIONS:
            days = {"day": _asked(said.get("date")), "earliest": _asked(said.get("earliest"))}
            handshakes.act(number, decision, by=by, note=said.get("note", ""), **days)
            messages.success(request, SAID[decision])
        if reverse("queue") in back(request):
            return reverse("queue")
        row = rows.one(number)
        return reverse("milestone", args=[row.ref, row.key])

    return act(request, run)


def _asked(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
