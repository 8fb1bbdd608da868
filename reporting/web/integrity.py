"""How far each total rests on proven facts, and which deals take from it, with what is missing in each."""

from __future__ import annotations

from typing import Any
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
from pipeline.queries.reading import Reading
from pipeline.rules.integrity import CERTIFIED, WEIGHTS
from pipeline.web.integrity_words import lacking, names
from pipeline.web.reader import reader, stamp
from reporting.queries import integrity_answer as query
from reporting.queries.integrity import Low, Score
from reporting.queries.integrity_measures import PIPELINE
from reporting.rules.receipt import certified
from reporting.web import period_words

SHOWN = 25


@require_GET
@page_at_any_moment
def integrity(request: HttpRequest) -> HttpResponse:
    """`?period=` (or all of them), `?total=booked|pipeline|…`, `?as_of=`; the list shows the present only."""
    read = reader(request)
    period, total = request.GET.get("period", "").replace("all", ""), request.GET.get("total", BOOKED)
    labels = {
        BOOKED: _("Booked"), BOOKED_UNDER_WAIVER: _("Booked under waiver"), PIPELINE: _("Pipeline"),
        UNVERIFIED: _("Unverified history"),
    }  # fmt: skip
    if total not in labels:
        raise not_found(_("This total"))
    found = query.answer(read.seats, period=period)
    rows = [] if read.past else query.lowest(read.seats, total=total, period=period, limit=SHOWN)
    chosen = found.totals[total]
    context = {
        "period": period_words.said(period) if period else _("all time"),
        "tabs": [
            {"label": label, "url": f"?{urlencode({'total': name, **({'period': period} if period else {})})}",
             "current": name == total, "score": _text(found.totals[name])} for name, label in labels.items()
        ],
        "total": labels[total],
        "figure": _text(chosen),
        "state": _state(chosen),
        "weighed": money.text(chosen.value, read.company.currency),
        "units": [
            {"name": read.units.get(unit.unit, unit.unit), "score": unit.score,
             "weighed": money.text(unit.value, read.company.currency)} for unit in chosen.units if unit.value > 0
        ],
        "weights": [{"label": label, "value": WEIGHTS[name]} for name, label in names().items()],
        "rows": [_row(row, read) for row in rows],
        "more": len(rows) == SHOWN,
        "past": read.past,
        "least": CERTIFIED,
        "until": words.moment(found.measured_until, read.zone, read.now),
        "back": f"{reverse('booked')}?{urlencode({'period': period or 'all'})}",
        "stamp": stamp(read),
    }  # fmt: skip
    return render(request, "reporting/integrity.html", context)


def _text(found: Score) -> str:
    return "–" if found.score is None else str(found.score)


def _state(found: Score) -> dict[str, str]:
    if found.score is None:
        return {"state": "not_applicable", "word": _("Nothing to weigh")}
    if certified(found.score):
        return {"state": "met", "word": _("Certified")}
    return {"state": "stale", "word": _("Not certified")}


def _row(row: Low, read: Reading) -> dict[str, Any]:
    return {
        "title": row.title,
        "ref": row.ref,
        "url": reverse("deal", args=[row.ref]),
        "unit": read.units.get(row.unit, row.unit),
        "score": row.score,
        "value": money.text(row.value, read.company.currency),
        "lacks": lacking(row.parts),
    }
