"""The list of deals: the same filters as the API, page after page by cursor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger import words
from ledger.rules import money
from ledger.web.door import page_at_any_moment
from pipeline import permissions
from pipeline.queries import listing, policies
from pipeline.queries.reading import Reading
from pipeline.rules.policy import HISTORY, LOST
from pipeline.web.reader import reader

NAMES = ("q", "stage", "unit", "owner", "account", "amount_min", "amount_max", "close_after", "close_before", "blocked")


@require_GET
@page_at_any_moment
def deals(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    given = {name: request.GET[name].strip() for name in NAMES if request.GET.get(name, "").strip()}
    found = listing.deals(read.seats, _filters(given, read), after=_number(request.GET.get("after")))
    stages = stages_of(read)
    context = {
        "rows": [row(one, read, stages) for one in found.rows],
        "given": given,
        "stages": list(stages.items()),
        "units": _units(read),
        "page": _pages(request, given, found),
        "filtered": bool(given),
        "may_open": not read.past and any(seat.function == "sales" for seat in read.seats),
        "empty": _empty(given),
    }
    return render(request, "pipeline/deals.html", context)


def _filters(given: Mapping[str, str], read: Reading) -> listing.Filters:
    """What cannot be read is left out: an address typed by hand shows more, never an error."""
    owner = given.get("owner", "")
    mine = permissions.sales_seat(read.seats)
    return listing.Filters(
        stage=given.get("stage"),
        unit=given.get("unit"),
        owner=(mine.id if mine else 0) if owner == "me" else _number(owner),
        account=_number(given.get("account")),
        amount_min=_decimal(given.get("amount_min")),
        amount_max=_decimal(given.get("amount_max")),
        close_after=_day(given.get("close_after")),
        close_before=_day(given.get("close_before")),
        blocked={"true": True, "false": False}.get(given.get("blocked", "")),
        q=given.get("q"),
    )


def stages_of(read: Reading) -> dict[str, str]:
    known = {stage.key: stage.name for stage in policies.version(read.policy).stages} if read.policy else {}
    return known | {LOST: _("Lost"), HISTORY: _("Unverified history")}


def _units(read: Reading) -> list[tuple[str, str]]:
    keys = read.units if read.visible is None else read.visible
    return sorted(((key, read.units.get(key, key)) for key in keys), key=lambda item: item[1])


def row(found: listing.DealRow, read: Reading, stages: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ref": found.ref,
        "url": reverse("deal", args=[found.ref]),
        "title": found.title,
        "account": found.account_name or "",
        "stage": stages.get(found.stage, found.stage),
        "unit": read.units.get(found.unit, found.unit),
        "owner": found.owner_name,
        "amount_text": "" if found.amount_minor is None else money.text(found.amount_minor, found.currency),
        "close": words.day(found.close_on, read.today),
        "blocked": found.blocked and found.stage not in (LOST, HISTORY),  # no gate waits for what has left the path
    }


def _pages(request: HttpRequest, given: Mapping[str, str], found: listing.Page) -> dict[str, str]:
    base = f"{request.path}?{urlencode(given)}" if given else request.path
    more = f"{request.path}?{urlencode({**given, 'after': str(found.next)})}" if found.next else ""
    refs = (found.rows[0].ref, found.rows[-1].ref) if found.rows else ("", "")
    text = _("Deals %(first)s to %(last)s") % {"first": refs[0], "last": refs[1]} if found.rows else ""
    return {"next_url": more, "first_url": base if "after" in request.GET else "", "text": text}


def _empty(given: Mapping[str, str]) -> dict[str, str]:
    if given:
        say, url, label = _("No deal matches these filters."), reverse("deals"), _("Show every deal")
    else:
        say, url, label = _("No deals here yet."), reverse("deal-new"), _("New deal")
    return {"sentence": say, "action_url": url, "action_label": label, "icon": "briefcase"}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal((text or "").replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 20 else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
