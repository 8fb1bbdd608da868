"""A function that lets work wait for a week and decides nothing is itself an alert, once a week."""

from __future__ import annotations

from datetime import timedelta

from governance.commands.alerting import opening
from governance.queries import heartbeat
from ledger.transactions import command
from pipeline.queries import seats
from pipeline.queries.organisation import company

WEEK = timedelta(days=7)


@command
def sweep() -> int:
    """Opens an alert for each silent function and unit of the week that began on Monday; safe twice."""
    now = seats.now()
    monday = company().week_of(now)
    found = [pulse for pulse in heartbeat.pulses(now - WEEK, now) if pulse.silent_since(now - WEEK)]
    opened = [opening.of_silence(pulse.function, pulse.unit, monday, now) for pulse in found]
    return sum(number is not None for number in opened)
