"""What a program is told of an entry: which and where, so that it can ask for the rest with its own rights."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from governance.models import Subscription
from ledger.queries import entries
from ledger.rules.kinds import KINDS
from pipeline.queries.deals import ref_of

TEST = "webhook.test"


def of_entry(number: int) -> dict[str, Any]:
    """`{"type", "timestamp", "data"}` of Standard Webhooks; the same bytes for every attempt."""
    entry = entries.one(number)
    noun, _, place = entry.stream.partition("/")
    data: dict[str, Any] = {"entry": entry.id, "stream": entry.stream, "seq": entry.seq, "hash": entry.hash}
    if noun == "deal":
        ref = ref_of(int(place))
        data |= {"deal": ref, "url": f"{settings.PUBLIC_URL}/deals/{ref}/"}
        if isinstance(key := entry.body.get("key"), str):
            data["key"] = key
    return {"type": entry.kind, "timestamp": _moment(entry.recorded_at), "data": data}


def test(to: Subscription, at: datetime) -> dict[str, Any]:
    return {"type": TEST, "timestamp": _moment(at), "data": {"webhook": to.pk, "name": to.name}}


def sentence(event: dict[str, Any]) -> str:
    """One line for people who read it in a channel."""
    said = KINDS[event["type"]].sentence if event["type"] in KINDS else "Test: messages arrive here"
    data = event["data"]
    return " · ".join(str(part) for part in (data.get("deal"), said, data.get("key")) if part)


def still(until: datetime | None) -> bool:
    """Secrets run by the real clock, as those who check them do."""
    return until is not None and until > timezone.now()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
