"""Revenue as agreed and as expected, by month: over a period for dashboards, and of one deal beside its gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from governance.queries import milestones
from ledger import words
from ledger.rules import money
from ledger.web.addresses import reverse
from ledger.web.door import page_at_any_moment
from pipeline import permissions
from pipeline.queries import deals, heads
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.queries import variance as query
from reporting.queries.variance import Part, Variance
from reporting.rules import periods
from reporting.rules.periods import Period
from reporting.web import period_words


@require_GET
@page_at_any_moment
def variance(request: HttpRequest) -> HttpResponse:
    """`?period=2026-Q4` (a month, a quarter, a year or `all`), `?as_of=`."""
    read = reader(request)
    name, start = request.GET.get("period", ""), read.company.fiscal_start_month
    within = None if name == "all" else periods.parse(name, start) if name else periods.quarter_of(read.today, start)
    found = query.by_month(query.lines(within, read.now, read.visible)[1])
    behind = query.deals_behind(within, read.now, read.visible)
    context = {
        "period": period_words.called(within),
        "periods": tabs(within, read),
        "table": table(found, read, {}, _behind),
        "deals": [
            {
                "title": row.title,
                "ref": row.ref,
                "url": reverse("deal-variance", args=[row.ref]),
                "unit": read.units.get(row.unit, row.unit),
                **_cells(row.baseline, row.expected, read),
            }
            for row in behind
        ],
        "stamp": stamp(read),
    }
    return render(request, "reporting/variance.html", context)


@require_GET
@page_at_any_moment
def deal_variance(request: HttpRequest, ref: str) -> HttpResponse:
    """The months of one deal with the misses that moved them; as a panel for the deal's own page."""
    read = reader(request)
    number = deals.number_of(ref)
    permissions.check_can_see(read.seats, deals.read_one(number).view)
    found = query.of_deal(number, read.now)
    names = {row.key: row.name for row in milestones.of_deal(number)} if found.rows else {}
    head = heads.head(number)
    context = {"head": head, "table": table(found, read, names), "causes": causes(found, read, names)}
    part = request.headers.get("HX-Request") == "true"
    return render(request, "reporting/deal_variance.html#panel" if part else "reporting/deal_variance.html", context)


def table(
    found: Variance, read: Reading, names: dict[str, str], behind: Callable[[str], dict[str, str]] | None = None
) -> dict[str, Any]:
    """Months down; the last row is their sum. `behind`: name of a month → addresses of what is behind its columns."""
    return {
        "rows": [
            {
                "month": words.month(row.period),
                **_cells(row.baseline, row.expected, read),
                "urls": behind(f"{row.period:%Y-%m}") if behind else {},
                "because": ", ".join(_because(part, read, names) for part in row.parts),
            }
            for row in found.rows
            if row.baseline or row.expected
        ],
        "sum": _cells(found.baseline, found.expected, read),
        "currency": read.company.currency,
    }


def causes(found: Variance, read: Reading, names: dict[str, str]) -> list[dict[str, str]]:
    """Each milestone that moves revenue, once."""
    told = {}
    for row in found.rows:
        for part in row.parts:
            if part.milestone is not None:
                told[part.milestone.key] = part.milestone
    return [
        {
            "name": names.get(one.key, one.key),
            "slip": ngettext("%(n)s day", "%(n)s days", one.slip) % {"n": one.slip},
            "due": words.day(one.due, read.today),
            "expected": words.day(one.expected, read.today),
            "estimate": _("system estimate") if one.estimate else "",
        }
        for one in told.values()
    ]


def line(found: Variance, read: Reading, period: Period | None) -> dict[str, Any]:
    """For a dashboard: the three sums, and where the months are."""
    name = period.name if period else "all"
    return {**_sums(found.baseline, found.expected, read), "urls": _behind(name)}


def _behind(name: str) -> dict[str, str]:
    """Where the deals of each column of a period are."""
    return {
        column: f"{reverse('measure-deals', args=[measure])}?period={name}"
        for column, measure in (
            ("baseline", "revenue-agreed"), ("expected", "revenue-expected"), ("variance", "variance"),
        )
    }  # fmt: skip


def _sums(baseline: int, expected: int, read: Reading) -> dict[str, Any]:
    """With the currency, for a sentence."""
    return _told(baseline, expected, lambda amount: money.text(amount, read.company.currency))


def _cells(baseline: int, expected: int, read: Reading) -> dict[str, Any]:
    """For the columns of a table whose caption says the currency."""
    return _told(baseline, expected, lambda amount: _bare(amount, read))


def _told(baseline: int, expected: int, text: Callable[[int], str]) -> dict[str, Any]:
    return {
        "baseline": text(baseline),
        "expected": text(expected),
        "variance": text(expected - baseline),
        "less": expected < baseline,
    }


def _bare(amount: int, read: Reading) -> str:
    return money.text(amount, read.company.currency).replace(f"{read.company.currency} ", "")


def _because(part: Part, read: Reading, names: dict[str, str]) -> str:
    label = {
        "milestone_miss": _("missed milestones"), "replanned": _("re-planned"), "return": _("de-booked"),
        "cancelled": _("cancelled"), "won": _("booked anew"),
    }.get(part.cause, part.cause.replace("_", " "))  # fmt: skip
    if part.milestone is not None:
        label = names.get(part.milestone.key, part.milestone.key)
    return f"{label} {_bare(part.amount, read)}"


def tabs(within: Period | None, read: Reading) -> list[dict[str, Any]]:
    """This quarter, the next one, the year, and everything: misses move revenue forward."""
    start = read.company.fiscal_start_month
    this = periods.quarter_of(read.today, start)
    following = periods.quarter_of(periods.beside(this, 1).first, start)
    known = [this.name, following.name, this.name[:4], "all"]
    name = within.name if within else "all"
    return [
        {"label": period_words.said(one), "url": f"?{urlencode({'period': one})}",
         "current": one == name} for one in (known if name in known else [name, *known])
    ]  # fmt: skip
