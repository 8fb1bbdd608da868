"""Screen H: what one said against what came. One's own page; nobody ranks anybody."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from ledger import words
from ledger.rules import money
from ledger.web.door import page
from pipeline.queries import people
from pipeline.queries.deals import ref_of
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.queries import forecast_accuracy, sharing
from reporting.queries.forecast_accuracy import Line
from reporting.queries.measuring import Asked
from reporting.rules.forecast import accuracy, calibration
from reporting.rules.forecast.categories import NAMES
from reporting.web.forecast import percent, signed

SHOWN = 20  # of the newest finished forecasts, one by one


@require_GET
@page
def mine(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    context = {**figures(read, read.person), "own": True, "sharing": _sharing(read), "stamp": stamp(read)}
    return render(request, "reporting/my_forecast.html", context)


def figures(read: Reading, person: int) -> dict[str, Any]:
    """What a person's seats foretold and what came; the figures only when enough is finished."""
    lines = forecast_accuracy.of_seats(Asked(read.company, read.now), people.seats_ever(person))
    said = [(line.counts, line.came) for line in lines]
    found = accuracy.figures(_by_period(lines), said)
    missed = [line for line in lines if not line.came]
    return {
        "count": found.count,
        "needed": accuracy.ENOUGH,
        "published": found.published,
        "few": ngettext(
            "Needs %(needed)s finished forecasts; you have %(n)s.",
            "Needs %(needed)s finished forecasts; you have %(n)s.", found.count,
        ) % {"needed": accuracy.ENOUGH, "n": found.count},
        "line": _headline(said) if found.published else None,
        "table": _table(said) if found.published else [],
        "figures": {
            "bias": signed(found.bias), "wape": percent(found.wape), "skill": signed(found.skill),
            "brier": "" if found.brier is None else f"{found.brier:.4f}",
        } if found.published else None,
        "early": _("%(kept)s of %(missed)s") % {"kept": sum(line.early for line in missed), "missed": len(missed)},
        "rows": [_row(line, read) for line in lines[:SHOWN]],
    }  # fmt: skip


def _sharing(read: Reading) -> dict[str, Any]:
    """With whom it is shared, with whom it may be, and who looked."""
    held = sharing.of_person(read.person)
    return {
        "coach": people.names([held.coach]).get(held.coach, "") if held.coach is not None else "",
        "managers": sharing.managers(read.person),
        "looks": [
            {"name": look.name, "purpose": look.purpose, "when": words.moment(look.at, read.zone, gap=False)}
            for look in sharing.looks(read.person)
        ],
        "request_id": uuid.uuid4(),
    }


def _by_period(lines: list[Line]) -> list[tuple[int, int]]:
    sums: dict[Any, tuple[int, int]] = {}
    for line in lines:
        said, came = sums.get(line.period, (0, 0))
        sums[line.period] = said + line.weighed_minor, came + line.actual_minor
    return list(sums.values())


def _headline(said: list[tuple[Decimal, bool]]) -> dict[str, str] | None:
    found = calibration.fullest(calibration.table(said))
    if found is None:
        return None
    return {"said": percent(found.said, "1"), "came": percent(found.came, "1"), "n": words.count(found.count)}


def _table(said: list[tuple[Decimal, bool]]) -> list[dict[str, Any]]:
    """`said_at` and `came_at` are places on a line from 0 to 100."""
    return [
        {
            "near": percent(bucket.near, "1"),
            "count": bucket.count,
            "said": percent(bucket.said, "1"),
            "came": percent(bucket.came, "1"),
            "said_at": None if bucket.said is None else int(bucket.said * 100),
            "came_at": None if bucket.came is None else int(bucket.came * 100),
        }
        for bucket in calibration.table(said)
    ]


def _row(line: Line, read: Reading) -> dict[str, Any]:
    ref = ref_of(line.deal)
    return {
        "ref": ref,
        "url": reverse("deal", args=[ref]),
        "month": words.month(line.period),
        "category": NAMES[line.category],  # type: ignore[index]
        "said": percent(line.said, "1"),
        "counts": percent(line.counts, "1") if line.early else "",
        "state": "met" if line.came else "missed",
        "word": _("Came") if line.came else _("Did not come"),
        "value": money.text(line.actual_minor, read.company.currency) if line.came else "",
    }
