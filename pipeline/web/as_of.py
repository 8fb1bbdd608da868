"""The moment of a page, out of its address: a link shows the same page for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from ledger import words
from pipeline.queries.reading import Reading


def bar(request: HttpRequest, read: Reading) -> dict[str, Any]:
    """For components/as_of_bar.html, with the `moment` itself. What cannot be read, and the future, is now."""
    moment = _parse(request.GET.get("as_of", ""), read)
    past = moment is not None and moment < read.now
    at = moment if moment is not None and past else read.now
    kept = [(key, value) for key, value in request.GET.items() if key not in ("as_of", "before")]
    told = words.moment(at, read.zone, read.now)

    def link(when: datetime | None) -> str:
        said = kept + ([("as_of", _local(when, read))] if when else [])
        return f"{request.path}?{urlencode(said)}" if said else request.path

    later = at + timedelta(days=1)
    return {
        "action": request.path,
        "moment": at,
        "value": _local(at, read) if past else "",
        "text": told["text"] if isinstance(told, dict) and past else "",
        "past": past,
        "previous_url": link(at - timedelta(days=1)),
        "next_url": (link(later) if later < read.now else link(None)) if past else "",
        "now_url": link(None),
        "hidden": [{"name": key, "value": value} for key, value in kept],
    }


def _parse(text: str, read: Reading) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "+"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(read.zone))
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _local(moment: datetime | None, read: Reading) -> str:
    return f"{moment.astimezone(ZoneInfo(read.zone)):%Y-%m-%dT%H:%M}" if moment else ""
