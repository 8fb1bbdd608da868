"""The promise ledger: what was promised, what is feasible, what was delivered, deal by deal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from ledger import words
from ledger.rules import moments, money
from ledger.rules.problems import not_found
from ledger.web.door import page_at_any_moment
from pipeline.queries.deals import ref_of
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.exports import promise_file
from reporting.queries import asking
from reporting.queries import promises as query
from reporting.rules.promises import Promise
from reporting.web.question import question

SHOWN = 50
_CHIPS = {"kept": "met", "late": "missed", "behind": "blocked", "open": "waiting"}


@require_GET
@page_at_any_moment
def promises(request: HttpRequest) -> HttpResponse:
    """`?unit= before=` (the last deal seen)."""
    read = reader(request)
    unit = _unit(request, read)
    said = request.GET.get("before", "")
    before = int(said) if said.isascii() and said.isdigit() and len(said) < 17 else None
    rows = query.listing(read.company, (unit,) if unit else read.visible, before=before, limit=SHOWN + 1)
    kept = {key: value for key, value in request.GET.items() if key not in ("before", moments.NAME)}
    more = f"?{urlencode({**kept, 'before': rows[SHOWN - 1].deal})}" if len(rows) > SHOWN else ""
    told = asking.tell("fulfilment", question(read, None, unit))
    context = {
        "figure": percent(told),
        "definition": told.measure.definition,
        "rows": [_row(row, read) for row in rows[:SHOWN]],
        "units": [
            {"key": key, "name": name}
            for key, name in read.units.items()
            if read.visible is None or key in read.visible
        ],
        "unit": unit,
        "page": {"text": "", "next_url": more, "first_url": f"?{urlencode(kept)}" if before else ""},
        "file_url": f"{reverse('promises-file')}?{urlencode({'unit': unit})}",
        "most": words.count(promise_file.MOST),
        "stamp": stamp(read),
    }
    return render(request, "reporting/promises.html", context)


@require_GET
@page_at_any_moment
def promises_file(request: HttpRequest) -> HttpResponse:
    """The same as CSV, newest deal first."""
    read = reader(request)
    unit = _unit(request, read)
    rows = query.listing(read.company, (unit,) if unit else read.visible, before=None, limit=promise_file.MOST)
    data = promise_file.content(rows, read.company.currency)
    return HttpResponse(
        data, content_type=promise_file.TYPE, headers={"Content-Disposition": 'attachment; filename="promises.csv"'}
    )


def percent(told: asking.Told) -> str:
    value = told.answer.value
    return "–" if value is None else f"{value * 100:.1f} %"


def _unit(request: HttpRequest, read: Reading) -> str:
    unit = request.GET.get("unit", "")
    if unit and (unit not in read.units or (read.visible is not None and unit not in read.visible)):
        raise not_found(_("This unit"))
    return unit


def _row(row: Promise, read: Reading) -> dict[str, Any]:
    ref, late = ref_of(row.deal), row.days
    gap = ngettext("%(n)s day", "%(n)s days", abs(late)) % {"n": abs(late)}
    names = {"kept": _("Kept"), "late": _("Late"), "behind": _("Behind"), "open": _("Open")}
    return {
        "title": row.title,
        "ref": ref,
        "url": reverse("deal", args=[ref]),
        "unit": read.units.get(row.unit, row.unit),
        "value": money.text(row.value, read.company.currency),
        "promised": words.day(row.promised, read.today),
        "feasible": words.day(row.feasible, read.today),
        "estimated": row.estimated,
        "delivered": words.day(row.delivered, read.today),
        "state": _CHIPS[row.state],
        "word": names[row.state],
        "gap": (_("%s later") if late > 0 else _("%s earlier")) % gap if late else "",
        "variance_url": reverse("deal-variance", args=[ref]),
    }
