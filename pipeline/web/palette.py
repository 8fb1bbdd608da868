"""Go to, deals, do: a fragment for the palette, a page without JavaScript."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger.permissions import can_read_record
from ledger.web.door import page
from pipeline.permissions import can_import
from pipeline.queries import palette as query
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader


@require_GET
@page
def palette(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    text = request.GET.get("q", "").strip()[:100]
    part = bool(request.headers.get("HX-Request"))
    found = query.deals(read.seats, text)
    deals = [
        {
            "label": row.title,
            "note": f"{row.ref} {row.account_name or ''}".strip(),
            "url": reverse("deal", args=[row.ref]),
        }
        for row in found
    ]
    groups = [
        {"name": _("Go to"), "items": _matching(_places(read, every=bool(text) or not part), text)},
        {"name": _("Deals"), "items": deals},
        {"name": _("Do"), "items": _matching(_acts(read), text)},
    ]
    context = {"groups": [group for group in groups if group["items"]], "query": text}
    return render(request, "components/palette_results.html" if part else "pipeline/palette.html", context)


def _places(read: Reading, *, every: bool) -> list[dict[str, Any]]:
    """The pages that stand in the navigation, or every one; shut with its reason where these seats do not open it."""
    places = [
        (_("Home"), "/", "g h"),
        (_("Board"), reverse("board"), "g b"),
        (_("Deals"), reverse("deals"), "g e"),
        (_("Queue"), reverse("queue"), "g q"),
        (_("Capacity"), "/capacity/", "g c"),
        (_("Booked"), "/booked/", "g d"),
        (_("Bridge"), "/bridge/", ""),
        (_("Variance"), "/variance/", ""),
        (_("Integrity"), "/integrity/", ""),
        (_("Periods"), "/periods/", ""),
        (_("Breaks"), "/breaks/", ""),
        (_("Promises"), "/promises/", ""),
        (_("Objectives"), "/objectives/", "g o"),
        (_("Forecast"), "/forecast/", "g f"),
        (_("My forecast"), "/me/forecast/", ""),
        (_("Alerts"), "/alerts/", "g a"),
        (_("Policy"), reverse("policies"), "g p"),
        (_("Ledger"), reverse("ledger"), "g l"),
        (_("Imports"), "/imports/", ""),
        (_("Verify a number"), "/verify/", ""),
        (_("Notifications"), "/notifications/", ""),
        (_("API"), "/developer/", ""),
        (_("Your settings"), reverse("me"), ""),
    ]
    shut = {}
    if not can_read_record(seat.role for seat in read.seats):
        shut[reverse("ledger")] = _("it is open to auditors, executives and policy stewards.")
    if not can_import(read.seats):
        shut["/imports/"] = _("it needs the seat of a manager, an executive or a policy steward.")
    return [
        {"label": label, "url": url, "key": key, "shut": url in shut, "reason": shut.get(url, "")}
        for label, url, key in places
        if key or every
    ]


def _acts(read: Reading) -> list[dict[str, Any]]:
    sells = any(seat.function == "sales" for seat in read.seats)
    steward = read.has_role("steward")
    return [
        {"label": _("Open a new deal"), "url": reverse("deal-new"), "key": "n", "shut": not sells,
         "reason": _("it needs a sales seat.")},
        {"label": _("Draft a policy"), "url": reverse("policy-draft"), "shut": not steward,
         "reason": _("it needs a steward's seat.")},
    ]  # fmt: skip


def _matching(items: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    wanted = text.casefold().split()
    return [item for item in items if all(word in str(item["label"]).casefold() for word in wanted)]
