"""The as-of bar: the moment of a page, the days beside it, and the way back to now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from ledger import words
from ledger.rules import moments
from pipeline.queries.reading import Reading

_PLACES = (moments.NAME, "before", "after", "refused")  # what belongs to one moment only


def bar(request: HttpRequest, read: Reading) -> dict[str, Any]:
    """For components/as_of_bar.html. The field is in the company's own zone, the address in UTC."""
    kept = [(name, value) for name, value in request.GET.items() if name not in _PLACES]
    told = words.moment(read.now, read.zone, read.clock)

    def link(when: datetime | None) -> str:
        said = [*kept, (moments.NAME, moments.text(when))] if when else kept
        return f"{request.path}?{urlencode(said)}" if said else request.path

    later = read.now + timedelta(days=1)
    return {
        "action": request.path,
        "value": f"{read.now.astimezone(ZoneInfo(read.zone)):%Y-%m-%dT%H:%M}" if read.past else "",
        "zone": read.zone,
        "text": told["text"] if isinstance(told, dict) and read.past else "",
        "past": read.past,
        "previous_url": link(_whole(read.now - timedelta(days=1))),
        "next_url": (link(later) if later < read.clock else link(None)) if read.past else "",
        "now_url": link(None),
        "hidden": [{"name": name, "value": value} for name, value in kept],
    }


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
