"""Booked as it was reported, beside booked as it is known now: two moments side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from ledger import words
from ledger.queries import moment
from ledger.rules import moments, money
from ledger.web.addresses import reverse
from pipeline.queries.reading import Reading
from reporting.queries import asking
from reporting.queries.measuring import Asked
from reporting.rules.periods import Period
from reporting.web import waterfall
from reporting.web.question import question

SHOWN = ("booked", "gross", "de-booked", "booked-under-waiver", "unverified-history", "fulfilled", "pipeline")


def compared(request: HttpRequest, read: Reading, period: Period | None) -> dict[str, Any]:
    """`url` opens or shuts the comparison; with `compare=` also its rows. The later moment is the one of the page."""
    given = request.GET.get("compare", "")
    kept = [(name, value) for name, value in request.GET.items() if name not in ("compare", moments.NAME)]
    if not given:
        return {"url": f"?{urlencode([*kept, ('compare', moments.text(_earlier(read, period)))])}", "rows": []}
    at = moments.parse(given, read.zone)
    moment.check(at)
    first, last = sorted((at, read.now))
    now = replace(question(read, period), as_of=last, past=read.past or last != read.now)
    then = replace(question(read, period), as_of=first, past=True)
    span = {"from": moments.text(first), "to": moments.text(last), "period": _name(period)}
    told = [words.moment(one, read.zone) for one in (first, last)]
    return {
        "url": f"?{urlencode(kept)}",
        "value": f"{at.astimezone(ZoneInfo(read.zone)):%Y-%m-%dT%H:%M}",
        "hidden": [{"name": name, "value": value} for name, value in kept],
        "then": told[0]["text"],  # type: ignore[index]
        "now": told[1]["text"],  # type: ignore[index]
        "rows": [_row(name, then, now, read) for name in SHOWN],
        "bridge": f"{reverse('bridge')}?{urlencode(span)}",
    }


def _row(name: str, then: Asked, now: Asked, read: Reading) -> dict[str, Any]:
    """As reported then; as reported now; and as now known, where facts of a closed month count in their own."""
    before, after = asking.tell(name, then), asking.tell(name, now)
    known = asking.tell(name, replace(now, known=True)).answer.value if name == "booked" else None
    measure, currency = before.measure, read.company.currency
    moved = int(after.answer.value or 0) - int(before.answer.value or 0)

    def link(asked: Asked) -> str:
        at = [(moments.NAME, moments.text(asked.as_of))] if asked.past else []
        return f"{reverse('measure-deals', args=[name])}?{urlencode([('period', _name(asked.period)), *at])}"

    return {
        "title": measure.title,
        "then": _text(before.answer.value, currency),
        "then_url": link(then),
        "now": _text(after.answer.value, currency),
        "now_url": link(now),
        "known": _text(known, currency) if known is not None and known != after.answer.value else "",
        "moved": waterfall.signed(moved, currency) if moved else "",
    }


def _text(value: Any, currency: str) -> str:
    return money.text(int(value or 0), currency)


def _name(period: Period | None) -> str:
    return period.name if period else "all"


def _earlier(read: Reading, period: Period | None) -> datetime:
    """The end of a period that is over, as it was reported then; else a week before the moment of the page."""
    if period is not None:
        end = datetime.combine(period.until, time(), ZoneInfo(read.zone)).astimezone(UTC) - timedelta(seconds=1)
        if end < read.now:
            return end
    return (read.now - timedelta(days=7)).replace(microsecond=0)
