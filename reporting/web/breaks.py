"""Where promise, plan and books part: the breaks that the daily reconciliation found, each with its alert."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from governance.queries import breaks as query
from governance.web import break_words
from ledger import http, words
from ledger.rules import moments, money
from ledger.rules.problems import not_found
from ledger.web.door import act, page, page_at_any_moment
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.commands import reconciling
from reporting.exports import receipts
from reporting.queries import asking, passes
from reporting.rules.periods import parse
from reporting.web.question import question

SHOWN = 50


@require_GET
@page_at_any_moment
def breaks(request: HttpRequest) -> HttpResponse:
    """`?unit= month= tab=cleared after=`; a month shows what parted in it or before and is open still."""
    read = reader(request)
    unit, said = request.GET.get("unit", ""), request.GET.get("month", "")
    cleared = request.GET.get("tab") == "cleared"
    _check_unit(unit, read)
    month = parse(said) if said else None
    rows = query.listing(
        read.seats, unit=unit, until=month.until if month else None, cleared=cleared,
        after=query.after_of(request.GET.get("after", ""), cleared), limit=SHOWN + 1,
    )  # fmt: skip
    kept = {key: value for key, value in request.GET.items() if key not in ("after", moments.NAME)}
    more = f"?{urlencode({**kept, 'after': query.cursor_of(rows[SHOWN - 1], cleared)})}" if len(rows) > SHOWN else ""
    told = asking.tell("breaks", question(read, None, unit))
    scope = {key: value for key, value in kept.items() if key != "tab"}
    context = {
        "figure": money.text(int(told.answer.value or 0), read.company.currency),
        "definition": told.measure.definition,
        "rows": [break_words.told(row, read) for row in rows[:SHOWN]],
        "tabs": [
            {"label": label, "url": f"?{urlencode({**scope, **more_})}", "current": cleared == bool(more_)}
            for label, more_ in ((_("Open"), {}), (_("Cleared"), {"tab": "cleared"}))
        ],
        "units": [{"key": key, "name": name} for key, name in read.units.items() if _sees(key, read)],
        "unit": unit,
        "month": words.month(month.first) if month else "",
        "month_value": said,
        "cleared": cleared,
        "page": {"text": "", "next_url": more, "first_url": f"?{urlencode(kept)}" if "after" in request.GET else ""},
        "checked": _checked(read),
        "file_url": f"{reverse('breaks-file')}?{urlencode({'unit': unit})}",
        "stamp": stamp(read),
    }  # fmt: skip
    return render(request, "reporting/breaks.html", context)


@require_POST
@page
def check(request: HttpRequest, number: int) -> HttpResponse:
    """Judges the deal of a break again, at once."""
    by = http.actor(request, "web")

    def once() -> str:
        row = reconciling.recheck(number, by=by)
        if row.found.cleared_at:
            messages.success(request, _("Promise, plan and books agree now. Another person may close the alert."))
        else:
            messages.warning(request, _("They still part: it is open with what it amounts to now."))
        return reverse("alert", args=[f"A-{row.alert}"]) if row.alert else reverse("breaks")

    return act(request, once)


@require_GET
@page_at_any_moment
def breaks_file(request: HttpRequest) -> HttpResponse:
    """Every open break as a certified CSV."""
    read = reader(request)
    unit = request.GET.get("unit", "")
    _check_unit(unit, read)
    told = asking.tell("breaks", question(read, None, unit))
    data, kind = receipts.file("csv", told.answer.table, told.claim(rows=True))
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": 'attachment; filename="breaks.csv"'})


def _checked(read: Reading) -> Any:
    """When the last pass was finished."""
    at = passes.last(read.now)
    return words.moment(at, read.zone, read.now) if at else None


def _check_unit(unit: str, read: Reading) -> None:
    if unit and (unit not in read.units or not _sees(unit, read)):
        raise not_found(_("This unit"))


def _sees(unit: str, read: Reading) -> bool:
    return read.visible is None or unit in read.visible
