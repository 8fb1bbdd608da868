"""The pulse of functions in words: value that waits on them, what they decided this week, how old the oldest is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from governance.queries import heartbeat
from governance.queries.heartbeat import Pulse
from ledger import words
from pipeline.queries.reading import Reading

WEEK = timedelta(days=7)


def cards(read: Reading) -> list[dict[str, Any]]:
    """Of the functions and units that this reader holds: what waits on them, most value first."""
    held = [(seat.function, seat.unit) for seat in read.seats if seat.role != "admin"]
    if not held:
        return []
    found = heartbeat.pulses(read.now - WEEK, read.now, read.visible, {function for function, _ in held})
    return [
        row(pulse, read)
        for pulse in found
        if any(function == pulse.function and unit in (None, pulse.unit) for function, unit in held)
    ]


def row(pulse: Pulse, read: Reading) -> dict[str, Any]:
    """For governance/pulse_table.html."""
    oldest = words.moment(pulse.oldest, read.zone, read.now)
    return {
        "function": read.functions.get(pulse.function, pulse.function),
        "unit": read.units.get(pulse.unit, pulse.unit),
        "url": f"{reverse('queue')}?tab=team",
        "value": words.short_money(pulse.value_minor, read.company.currency),
        "waiting": pulse.waiting,
        "overdue": pulse.overdue,
        "done": pulse.verified + pulse.answered,
        "oldest": oldest["relative"] if isinstance(oldest, dict) else "",
        "silent": pulse.silent_since(read.now - WEEK),
    }
