"""The deals behind a booked number, each with the entry that moved it; their amounts sum to the number."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger import words
from ledger.rules import money
from ledger.rules.postings import BOOKED, BOOKED_UNDER_WAIVER, UNVERIFIED
from ledger.rules.problems import not_found
from ledger.web.door import page_at_any_moment
from pipeline.web.reader import reader
from reporting.queries import booked_deals as query
from reporting.rules import periods

LIMIT = 50


@require_GET
@page_at_any_moment
def booked_deals(request: HttpRequest) -> HttpResponse:
    """`?period= unit= place= as_of=`, and `before` the last entry seen."""
    read = reader(request)
    name = request.GET.get("period", "all")
    period = None if name == "all" else periods.parse(name, read.company.fiscal_start_month)
    place = request.GET.get("place", BOOKED)
    names = {BOOKED: _("Booked"), BOOKED_UNDER_WAIVER: _("Booked under waiver"), UNVERIFIED: _("Unverified history")}
    unit = request.GET.get("unit", "")
    if place not in names or (unit and read.visible is not None and unit not in read.visible):
        raise not_found(_("This number"))
    before = request.GET.get("before", "")
    rows = query.deals_behind(
        as_of=read.now, period=period, units=[unit] if unit else read.visible, place=place,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 17 else None, limit=LIMIT,
    )  # fmt: skip
    kept = {key: value for key, value in request.GET.items() if key not in ("before", "as_of")}
    more = f"?{urlencode({**kept, 'before': rows[-1].entry})}" if len(rows) == LIMIT else ""
    back = urlencode([(key, value) for key, value in kept.items() if key == "period"])
    shown = sum(row.amount for row in rows)
    context = {
        "title": names[place],
        "period": _("all time") if period is None else period.name,
        "unit": read.units.get(unit, unit),
        "rows": [
            {
                "title": row.title, "ref": row.ref, "unit": read.units.get(row.unit, row.unit),
                "url": reverse("deal", args=[row.ref]),
                "amount": money.text(row.amount, read.company.currency),
                "entry": words.count(row.entry), "entry_url": reverse("ledger-entry", args=[row.entry]),
            }
            for row in rows
        ],
        "sum": money.text(shown, read.company.currency),
        "page": {"text": "", "next_url": more, "first_url": f"?{urlencode(kept)}" if before else ""},
        "whole": not more and not before,
        "back": f"{reverse('booked')}?{back}",
    }  # fmt: skip
    return render(request, "reporting/booked_deals.html", context)
