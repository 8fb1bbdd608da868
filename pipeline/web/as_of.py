"""The as-of bar: the moment of a page, the days beside it, and the way back to now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from ledger import words
from ledger.rules import moments
from ledger.rules.problems import Problem
from pipeline.queries.reading import Reading

_PLACES = (moments.NAME, "before", "after", "refused")  # what belongs to one moment only
_SPAN = ("from", "to")


def bar(request: HttpRequest, read: Reading) -> dict[str, Any]:
    """For components/as_of_bar.html. The field is in the company's own zone, the address in UTC."""
    kept = [(name, str(value)) for name, value in request.GET.items() if name not in _PLACES]
    told = words.moment(read.now, read.zone, read.clock)

    def link(when: datetime | None) -> str:
        said = [*_by_then(kept, when, read.zone), (moments.NAME, moments.text(when))] if when else kept
        return f"{request.path}?{urlencode(said)}" if said else request.path

    earlier, later = _whole(read.now - timedelta(days=1)), read.now + timedelta(days=1)
    return {
        "action": request.path,
        "value": f"{read.now.astimezone(ZoneInfo(read.zone)):%Y-%m-%dT%H:%M}" if read.past else "",
        "zone": read.zone,
        "text": told["text"] if isinstance(told, dict) and read.past else "",
        "past": read.past,
        "previous_url": link(earlier),
        "next_url": (link(later) if later < read.clock else link(None)) if read.past else "",
        "now_url": link(None),
        "hidden": [{"name": name, "value": value} for name, value in _by_then(kept, earlier, read.zone)],
    }


def _by_then(kept: list[tuple[str, str]], when: datetime, zone: str) -> list[tuple[str, str]]:
    """Without the end of a span that lies after `when`: nothing is known of it then, and `when` takes its place."""
    return [(name, value) for name, value in kept if name not in _SPAN or not _after(value, when, zone)]


def _after(value: str, when: datetime, zone: str) -> bool:
    try:
        return moments.parse(value, zone) > when
    except Problem:
        return False  # a month, or what the page itself refuses


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
