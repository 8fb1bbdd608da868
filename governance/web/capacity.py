"""Capacity by unit and month: a heat table, the deals behind each cell, and expansions."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from governance.queries import alerts, capacity, expansions
from governance.queries.capacity import Month, Outlook
from governance.rules.capacity import MonthLoad, month_after, month_of
from governance.web import expansion_rows
from ledger import http, words
from ledger.rules import money
from ledger.rules.problems import not_found
from ledger.web.door import page_at_any_moment
from pipeline import permissions
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp

MONTHS = 12
VIEWS = ("all", "likely", "promised")
_LEVELS = (1, 40, 60, 80, 95)  # per cent at which the next shade begins


@require_GET
@page_at_any_moment
def page_of_capacity(request: HttpRequest) -> HttpResponse:
    """`?view=all|likely|promised`, `?from=2026-12`; `?unit=` and `?month=` open one cell."""
    read = reader(request)
    view = request.GET.get("view", VIEWS[0])
    view = view if view in VIEWS else VIEWS[0]
    first = _month(request.GET.get("from", ""), read.today.replace(day=1))
    units = read.visible
    found = capacity.outlook(first, MONTHS, units)
    keep = {"view": view, "from": f"{first:%Y-%m}"}
    by = http.actor(request, "web")
    context = {
        "heat": _heat(found, view, keep),
        "views": _views(view, keep),
        "line": _line(found, view),
        "earlier": f"?{urlencode(keep | {'from': f'{month_after(first, -6):%Y-%m}'})}",
        "later": f"?{urlencode(keep | {'from': f'{month_after(first, 6):%Y-%m}'})}",
        "cell": _cell(request, read, found, keep),
        "expansions": [expansion_rows.row(row, by, read) for row in expansions.of_units(units)],
        "form": None if read.past else expansion_rows.form(read),
        "empty": None if found else _empty(),
        "request_id": uuid.uuid4(),
        "stamp": stamp(read),
    }
    return render(request, "governance/capacity.html", context)


def summary(read: Reading, months: int) -> dict[str, Any]:
    """For a dashboard: the months ahead, as if every open deal were won, and the worst of them in a sentence."""
    first = read.today.replace(day=1)
    found = capacity.outlook(first, months, read.visible)
    heat = _heat(found, VIEWS[0], {})
    for row, one in zip(heat["rows"], found, strict=True):
        for cell, month in zip(row["cells"], one.months, strict=True):
            cell["url"] = f"{reverse('capacity')}?{urlencode(_at(one, month))}#cell"
    return {"heat": heat if found else None, "line": _line(found, VIEWS[0])}


def shown(month: Month, view: str) -> MonthLoad:
    if view == "all":
        return month.load
    return month.likely if view == "likely" else month.load.__class__(
        month.pool.month, month.pool.available, month.pool.promised, month.pool.taken, 0
    )  # fmt: skip


def _heat(found: list[Outlook], view: str, keep: dict[str, str]) -> dict[str, Any]:
    columns = [words.month(month.pool.month) for month in found[0].months] if found else []
    return {
        "caption": _("Utilisation by unit and month"),
        "corner": _("Unit"),
        "columns": columns,
        "rows": [
            {
                "name": one.name,
                "url": "",
                "cells": [
                    _heat_cell(shown(month, view), f"?{urlencode(keep | _at(one, month))}#cell") for month in one.months
                ],
            }
            for one in found
        ],
    }


def _at(one: Outlook, month: Month) -> dict[str, str]:
    return {"unit": one.unit, "month": f"{month.pool.month:%Y-%m}"}


def _heat_cell(row: MonthLoad, url: str) -> dict[str, Any]:
    share = row.utilisation
    if share is None:
        return {"text": _("none"), "level": 0, "over": bool(row.load), "url": url}
    percent = share * 100
    level = sum(percent >= limit for limit in _LEVELS)
    return {"text": f"{percent:.1f} %" if percent % 1 else f"{percent:.0f} %", "level": level, "over": row.over > 0,
            "url": url}  # fmt: skip


def _views(view: str, keep: dict[str, str]) -> list[dict[str, Any]]:
    names = {"all": _("If every open deal is won"), "likely": _("Expected"), "promised": _("Promised")}
    return [
        {"label": names[one], "url": f"?{urlencode(keep | {'view': one})}", "current": one == view} for one in VIEWS
    ]


def _line(found: list[Outlook], view: str) -> str:
    """`East is 194 units over its ceiling in Jan 2027.`"""
    over = [
        (row.over, one.name, row.month) for one in found for row in (shown(m, view) for m in one.months) if row.over
    ]
    if not over:
        return _("Every month is under its ceiling.") if found else ""
    units, name, month = max(over, key=lambda row: (row[0], -row[2].toordinal()))
    told = {"name": name, "n": words.count(units), "month": words.month(month)}
    say = ngettext(
        "%(name)s is %(n)s unit over its ceiling in %(month)s.",
        "%(name)s is %(n)s units over its ceiling in %(month)s.",
        units,
    )
    more, n = "", len(over) - 1
    if n:
        more = ngettext(" %(n)s more month is over.", " %(n)s more months are over.", n) % {"n": n}
    return say % told + more


def _cell(request: HttpRequest, read: Reading, found: list[Outlook], keep: dict[str, str]) -> dict[str, Any] | None:
    """One unit in one month: where each unit of it goes, and what does not fit."""
    unit = request.GET.get("unit")
    if not unit:
        return None
    if not permissions.can_see_unit(read.seats, unit):
        raise not_found(f"Unit {unit[:40]}")
    month = _month(request.GET.get("month", ""), read.today.replace(day=1))
    one = next((one for one in found if one.unit == unit), None)
    at = next((m for m in one.months if m.pool.month == month), None) if one else None
    if one is None or at is None:
        return None
    deals = capacity.loads(month, month_after(month), [unit])
    pool, row = at.pool, at.load
    revenue = _unfulfillable(deals, row)
    return {
        "title": _("%(unit)s in %(month)s") % {"unit": one.name, "month": words.month(month)},
        "pairs": [
            {"label": _("Capacity"), "value": _capacity_text(pool.base, pool.expanded)},
            {"label": _("Ceiling"), "value": f"{words.count(pool.promised)} ({pool.ceiling * 100:.0f} %)"},
            {"label": _("Confirmed"), "value": words.count(pool.confirmed)},
            {"label": _("Reserved softly"), "value": words.count(pool.soft)},
            *_demand(at, row, revenue, read),
        ],
        "deals": [
            {
                "ref": deal.ref, "title": deal.title, "url": reverse("deal", args=[deal.ref]),
                "units": words.count(deal.units),
                "state": {"confirmed": "met", "soft": "waiting"}.get(deal.state, "not_started"),
                "word": {"confirmed": _("Confirmed"), "soft": _("Reserved")}.get(deal.state, _("Open")),
            }
            for deal in deals
        ],
        "alerts": [
            {"url": reverse("alert", args=[held.ref]), "ref": held.ref, "period": held.about.split("/", 3)[3],
             "value": money.text(held.stake_minor, held.currency)}
            for held in alerts.of_capacity(unit, month)
        ],
        "cut": len(deals) == capacity.MOST_DEALS,
        "close": f"?{urlencode(keep)}",
    }  # fmt: skip


def _capacity_text(base: int, expanded: int) -> str:
    if not expanded:
        return words.count(base)
    return _("%(all)s (%(base)s and %(more)s by expansions)") % {
        "all": words.count(base + expanded), "base": words.count(base), "more": words.count(expanded),
    }  # fmt: skip


def _demand(at: Month, row: MonthLoad, revenue: int, read: Reading) -> list[dict[str, str]]:
    share = row.utilisation
    told = [
        {"label": _("Open deals would add"), "value": words.count(at.wanted)},
        {"label": _("Of that, expected"), "value": words.count(at.expected)},
        {
            "label": _("If all are won"),
            "value": f"{words.count(row.load)}" + (f" ({share * 100:.1f} %)" if share else ""),
        },
    ]
    if row.over:
        part = row.fulfillable_share
        told += [
            {"label": _("Over the ceiling"), "value": words.count(row.over)},
            {
                "label": _("Fits of what is open"),
                "value": f"{words.count(row.fulfillable)} ({(part or 0) * 100:.1f} %)",
            },
            {"label": _("Revenue that does not fit"), "value": words.short_money(revenue, read.company.currency)},
        ]
    return told


def _unfulfillable(deals: list[capacity.DealLoad], row: MonthLoad) -> int:
    """The value of the open deals of a month, by the share of their units that does not fit."""
    value = sum(deal.value_minor or 0 for deal in deals if deal.state == "open")
    return value * row.unfulfillable // row.wanted if row.wanted else 0


def _empty() -> dict[str, str]:
    return {
        "sentence": _("No unit is yours to see, so there is no capacity to show."),
        "action_url": reverse("home"),
        "action_label": _("Go home"),
        "icon": "chart-bar",
    }


def _month(text: str, otherwise: date) -> date:
    return month_of(text) or otherwise
