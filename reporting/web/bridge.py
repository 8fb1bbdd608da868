"""Bridge: why the open pipeline moved between two moments. Every step opens the deals behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from ledger import words
from ledger.rules import moments, money
from ledger.rules.problems import not_found
from ledger.web.addresses import reverse
from ledger.web.door import page_at_any_moment
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.queries import bridge as query
from reporting.queries import spans
from reporting.queries.bridge import Between
from reporting.queries.measuring import Asked
from reporting.rules import periods
from reporting.rules.bridge import BUCKETS, Bridge
from reporting.web import bridge_words, deal_rows, period_words, waterfall
from reporting.web.question import question
from reporting.web.waterfall import Step

LIMIT = 50


@require_GET
@page_at_any_moment
def bridge(request: HttpRequest) -> HttpResponse:
    """`?from=` and `to=` (a moment, or a day: its end), `period=` of expected close (or `all`), `unit=`, `as_of=`."""
    read = reader(request)
    asked, since = span(request, read, ("unit", "function"))
    found = query.between(asked, since)
    context = {
        **head(asked, since, read, request),
        "chart": told(found, read, links(request)),
        "steps": _steps(found, read, links(request)),
        "figures": _figures(found, read, asked, since, links(request)),
        "by_unit": _by_unit(found, read, request),
        "functions": _functions(found, read, request),
        "periods": _periods(asked, read, request),
        "units": [{"value": key, "label": name} for key, name in sorted(read.units.items(), key=lambda one: one[1])
                  if read.visible is None or key in read.visible],
        "chosen": request.GET.get("unit", ""),
        "stamp": stamp(read),
    }  # fmt: skip
    return render(request, "reporting/bridge.html", context)


@require_GET
@page_at_any_moment
def bridge_deals(request: HttpRequest) -> HttpResponse:
    """The deals of one `bucket` (or `moved`, `churn`: all), of the same bridge, or of that of a `function`; `before` is
    the last entry seen."""
    read = reader(request)
    name, function = request.GET.get("bucket", ""), request.GET.get("function", "")
    if name not in (*BUCKETS, query.NET, query.TURNOVER) or (function and function not in read.functions):
        raise not_found(_("This step"))
    asked, since = span(request, read)
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 17 else None
    rows = query.behind(asked, since, name, function=function, before=number, limit=LIMIT)
    kept = {key: value for key, value in request.GET.items() if key not in ("before", moments.NAME)}
    more = f"?{urlencode({**kept, 'before': rows[-1].entry})}" if len(rows) == LIMIT else ""
    back = urlencode([(key, value) for key, value in kept.items() if key not in ("bucket", "function")])
    currency = read.company.currency
    context = {
        "title": bridge_words.labels().get(name) or bridge_words.all_moved()[name],
        "definition": _churn(query.between(asked, since), currency) if name == query.TURNOVER else "",
        "function": read.functions.get(function, ""),
        "period": head(asked, since, read, request)["span"],
        "unit": read.units.get(request.GET.get("unit", ""), ""),
        "rows": [
            deal_rows.row(row, read, waterfall.signed) for row in rows
        ],
        "sum": waterfall.signed(sum(row.amount for row in rows), currency),
        "page": {"text": "", "next_url": more, "first_url": f"?{urlencode(kept)}" if before else ""},
        "whole": not more and not before,
        "back": f"{reverse('bridge')}?{back}",
    }  # fmt: skip
    return render(request, "reporting/booked_deals.html", context)


def _churn(found: Between, currency: str) -> str:
    """What the list adds up to, and what of it is the gross churn."""
    whole = found.whole
    return _("By all that each deal moved, back and forth: %(all)s. Without the net of the whole, %(net)s, the gross"
             " churn is %(churn)s.") % {
        "all": money.text(whole.turnover, currency),
        "net": money.text(abs(whole.closing - whole.opening), currency),
        "churn": money.text(whole.gross_churn, currency),
    }  # fmt: skip


def span(request: HttpRequest, read: Reading, by: tuple[str, ...] = ()) -> tuple[Asked, datetime]:
    """(what is asked, at the later moment; the earlier one)."""
    name, unit = request.GET.get("period", ""), request.GET.get("unit", "")
    start = read.company.fiscal_start_month
    if unit and (unit not in read.units or (read.visible is not None and unit not in read.visible)):
        raise not_found(_("This unit"))
    period = None if name == "all" else periods.parse(name, start) if name else periods.quarter_of(read.today, start)
    now = question(read, period, unit, by)
    until = spans.until(now, request.GET.get("to", ""))
    asked = replace(now, as_of=until, past=now.past or until != now.as_of)
    return asked, spans.since(asked, request.GET.get("from", ""))


def links(request: HttpRequest, **more: str) -> Any:
    """The address of the deals behind a bucket; `more`: what else is asked, such as the unit of a row."""
    said = {key: value for key, value in request.GET.items() if key in ("from", "to", "period", "unit") and value}
    return lambda name: f"{reverse('bridge-deals')}?{urlencode({**said, **more, 'bucket': name})}"


def head(asked: Asked, since: datetime, read: Reading, request: HttpRequest) -> dict[str, Any]:
    first, last = (words.moment(at, read.zone) for at in (since, asked.as_of))
    spanned = {"first": first["text"], "last": last["text"], "zone": read.zone}  # type: ignore[index]
    return {
        "period": period_words.called(asked.period),
        "period_said": request.GET.get("period", ""),
        "span": _("%(first)s to %(last)s, %(zone)s") % spanned,
        "from": f"{since.astimezone(ZoneInfo(read.zone)):%Y-%m-%dT%H:%M}",
        "to": f"{asked.as_of.astimezone(ZoneInfo(read.zone)):%Y-%m-%dT%H:%M}" if request.GET.get("to") else "",
    }


def told(found: Between, read: Reading, link: Any) -> dict[str, Any]:
    """The waterfall of a bridge."""
    label, whole, asked = bridge_words.labels(), found.whole, found.asked
    steps = [
        Step(_("Before"), whole.opening, pipeline_url(asked, found.since, read), total=True),
        *(Step(label.get(name, name), amount, link(name)) for name, amount in whole.steps()),
        Step(_("After"), whole.closing, pipeline_url(asked, asked.as_of, read), total=True),
    ]
    title = _("Why the open pipeline moved, %(currency)s") % {"currency": read.company.currency}
    return waterfall.chart("bridge", title, steps, read.company.currency)


def pipeline_url(asked: Asked, at: datetime, read: Reading) -> str:
    """The deals that stood in the pipeline at a moment."""
    said = {"period": asked.period.name if asked.period else "all"}
    if asked.units is not None and asked.units != read.visible:
        said["unit"] = asked.units[0]
    if at != read.now:
        said[moments.NAME] = moments.text(at)
    return f"{reverse('measure-deals', args=['pipeline'])}?{urlencode(said)}"


def _figures(found: Between, read: Reading, asked: Asked, since: datetime, link: Any) -> list[dict[str, str]]:
    whole, currency = found.whole, read.company.currency
    before, after = pipeline_url(asked, since, read), pipeline_url(asked, asked.as_of, read)
    return [
        {"label": _("Before"), "text": money.text(whole.opening, currency), "url": before},
        {"label": _("After"), "text": money.text(whole.closing, currency), "url": after},
        {"label": _("Moved by"), "text": waterfall.signed(whole.closing - whole.opening, currency),
         "url": link(query.NET)},
        {"label": _("Gross churn"), "text": money.text(whole.gross_churn, currency), "url": link(query.TURNOVER),
         "note": _("what moved and cancels out in the net")},
    ]  # fmt: skip


def _steps(found: Between, read: Reading, link: Any) -> list[dict[str, Any]]:
    label, currency, whole = bridge_words.labels(), read.company.currency, found.whole
    return [
        {
            "label": label.get(name, name),
            "meaning": bridge_words.meaning(name),
            "amount": waterfall.signed(amount, currency),
            "up": amount > 0,
            "deals": ngettext("%(n)s deal", "%(n)s deals", whole.deals[name]) % {"n": words.count(whole.deals[name])},
            "url": link(name),
            "parts": [
                f"{bridge_words.because(because)} {waterfall.signed(part, currency)}"
                for because, part in whole.within.get(name, {}).items()
                if part
            ],
        }
        for name, amount in whole.steps()
    ]


def _table(parts: dict[str, Bridge], names: Any, read: Reading, addresses: Any = None) -> dict[str, Any] | None:
    """`addresses`: key of a row → (address of a bucket by name, of the opening, of the closing)."""
    used = [name for name in BUCKETS if any(one.buckets.get(name) for one in parts.values())]
    label, currency = bridge_words.labels(), read.company.currency
    if not used:
        return None
    rows = []
    for key, one in parts.items():
        link, opening, closing = addresses(key) if addresses else (lambda name: "", "", "")
        cells = [
            {"text": waterfall.signed(one.buckets.get(name, 0), currency),
             "url": link(name) if one.buckets.get(name) else ""}
            for name in used
        ]  # fmt: skip
        rows.append({
            "name": names.get(key, key), "cells": cells,
            "opening": money.text(one.opening, currency), "opening_url": opening,
            "closing": money.text(one.closing, currency), "closing_url": closing,
        })  # fmt: skip
    return {"columns": [label[name] for name in used], "rows": rows}


def _by_unit(found: Between, read: Reading, request: HttpRequest) -> dict[str, Any] | None:
    def addresses(unit: str) -> tuple[Any, str, str]:
        asked = replace(found.asked, units=(unit,))
        return links(request, unit=unit), pipeline_url(asked, found.since, read), pipeline_url(asked, asked.as_of, read)

    return _table(found.units, read.units, read, addresses) if len(found.units) > 1 else None


def _functions(found: Between, read: Reading, request: HttpRequest) -> dict[str, Any] | None:
    def addresses(function: str) -> tuple[Any, str, str]:
        return links(request, function=function), "", ""

    return _table(found.functions, read.functions, read, addresses) if len(found.functions) > 1 else None


def _periods(asked: Asked, read: Reading, request: HttpRequest) -> list[dict[str, Any]]:
    start = read.company.fiscal_start_month
    this = periods.quarter_of(read.today, start)
    following = periods.quarter_of(periods.beside(this, 1).first, start)
    known = [this.name, following.name, this.name[:4], "all"]
    name = asked.period.name if asked.period else "all"
    kept = [(key, value) for key, value in request.GET.items() if key in ("from", "to", "unit") and value]
    return [
        {"label": period_words.said(one), "url": f"?{urlencode([*kept, ('period', one)])}",
         "current": one == name} for one in (known if name in known else [name, *known])
    ]  # fmt: skip
