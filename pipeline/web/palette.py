"""Go to, deals, do: a fragment for the palette, a page without JavaScript."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger.web.door import page
from pipeline.queries import palette as query
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader


@require_GET
@page
def palette(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    text = request.GET.get("q", "").strip()[:100]
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
        {"name": _("Go to"), "items": _matching(_places(read), text)},
        {"name": _("Deals"), "items": deals},
        {"name": _("Do"), "items": _matching(_acts(read), text)},
    ]
    context = {"groups": [group for group in groups if group["items"]], "query": text}
    part = bool(request.headers.get("HX-Request"))
    return render(request, "components/palette_results.html" if part else "pipeline/palette.html", context)


def _places(read: Reading) -> list[dict[str, Any]]:
    places = [
        (_("Home"), "/", "g h"),
        (_("Board"), reverse("board"), "g b"),
        (_("Deals"), reverse("deals"), "g e"),
        (_("Queue"), reverse("queue"), "g q"),
        (_("Booked"), "/booked/", "g d"),
        (_("Policy"), reverse("policies"), "g p"),
        (_("Ledger"), reverse("ledger"), "g l"),
        (_("Imports"), "/imports/", ""),
        (_("Your settings"), reverse("me"), ""),
    ]
    return [{"label": label, "url": url, "key": key} for label, url, key in places]


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
