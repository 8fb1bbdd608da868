"""The deals behind what a forecast says of stages: who entered, what was decided, what functions verified."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger import words
from ledger.rules import moments
from ledger.rules.problems import not_found
from ledger.web.door import page_at_any_moment
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader
from reporting.queries import passage_deals, passages
from reporting.queries.passage_deals import Passed
from reporting.rules import periods
from reporting.web import period_words
from reporting.web.question import question

LIMIT = 50


@require_GET
@page_at_any_moment
def flow_deals(request: HttpRequest) -> HttpResponse:
    """`?of=entered` a `stage` in a `period`; `decided` from it; `waited` for its gate, by a `function`; `before`."""
    read, said = reader(request), request.GET
    period = periods.parse(said.get("period", ""), read.company.fiscal_start_month)
    asked, of, stage, function = question(read, period), said.get("of", ""), said.get("stage", ""), ""
    names = dict(passages.stages(asked))
    name = names.get(stage, stage)
    since, until = (
        datetime.combine(day, time(), ZoneInfo(read.company.timezone)) for day in (period.first, period.until)
    )
    before = said.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 17 else None
    if of == "entered" and stage in names:
        title = _("Entered %(stage)s") % {"stage": name}
        rows = passage_deals.entered(asked, stage, since, until, number, LIMIT)
    elif of == "decided" and stage in names:
        title = _("Decided in %(stage)s or later") % {"stage": name}
        rows = passage_deals.decided(asked, stage, number, LIMIT)
    elif of == "waited" and said.get("function", "") in read.functions:
        function = said["function"]
        title = _("Verified for the gate of %(stage)s") % {"stage": name}
        rows = passage_deals.waited(asked, stage, function, since, until, number, LIMIT)
    else:
        raise not_found(_("This number"))
    kept = {key: value for key, value in said.items() if key not in ("before", moments.NAME)}
    more = f"?{urlencode({**kept, 'before': rows[-1].entry})}" if len(rows) == LIMIT else ""
    context = {
        "title": title,
        "definition": _decided_of() if of == "decided" else "",
        "period": _("every period") if of == "decided" else period_words.called(period),
        "function": read.functions.get(function, ""),
        "column": _("Waited") if function else _("What became of it"),
        "rows": [_row(row, read, bool(function)) for row in rows],
        "page": {"text": "", "next_url": more, "first_url": f"?{urlencode(kept)}" if before else ""},
        "back": f"{reverse('forecast')}?{urlencode({'period': period.name})}",
    }
    return render(request, "reporting/booked_deals.html", context)


def _decided_of() -> str:
    return _("The newest %(most)s that were won, and of the newest %(most)s that were lost those of this stage or a"
             " later one.") % {"most": passages.SAMPLE}  # fmt: skip


def _row(row: Passed, read: Reading, waited: bool) -> dict[str, Any]:
    days = "" if row.days is None else _("%(days)s days") % {"days": round(Decimal(row.days), 1)}
    became = _("Went on") if row.advanced else _("Lost") if row.lost else _("Still there")
    return {
        "title": row.title, "ref": row.ref, "unit": read.units.get(row.unit, row.unit),
        "url": reverse("deal", args=[row.ref]),
        "amount": days if waited else f"{became}, {days}" if days else became,
        "entry": words.count(row.entry), "entry_url": reverse("ledger-entry", args=[row.entry]),
    }  # fmt: skip
