"""From one moment to another, as a reader writes them, and the receipts of both ends."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from ledger.rules import moments
from ledger.rules.problems import Fault, Problem, bad_input
from reporting.queries.measuring import Asked
from reporting.rules import periods


def since(asked: Asked, said: str) -> datetime:
    """The first moment of a bridge to `asked.as_of`: a moment, or a day, which is the end of it. Without one it is the
    beginning of the period, or of the fiscal quarter of that day."""
    if said:
        found = parsed("from", said, asked)
    else:
        day = asked.company.day_of(asked.as_of)
        first = asked.since or periods.quarter_of(day, asked.company.fiscal_start_month).first
        found = datetime.combine(first, time(), ZoneInfo(asked.company.timezone)).astimezone(UTC)
        found = min(found, asked.as_of)
    if found > asked.as_of:
        raise _fault("from", "BRIDGE-2", "A bridge goes from the earlier moment to the later one.")
    return found


def parsed(name: str, said: str, asked: Asked) -> datetime:
    try:
        return moments.parse(said, asked.company.timezone)
    except Problem:
        say = f"“{said[:60]}” is not a moment. Write it as 2026-11-30T17:00:00Z, or as a day, which is the end of it."
        raise _fault(name, "BRIDGE-1", say) from None


def until(asked: Asked, said: str) -> datetime:
    """The last moment of a bridge: no later than the one that is being read."""
    if not said:
        return asked.as_of
    found = parsed("to", said, asked)
    day = asked.company.day_of(found)
    if found > asked.as_of and (len(said.strip()) > 10 or day != asked.company.day_of(asked.as_of)):
        raise _fault("to", "BRIDGE-3", f"Nothing is known of {moments.text(found)} yet.")
    return min(found, asked.as_of)


def _fault(name: str, code: str, message: str) -> Problem:
    return bad_input([Fault(f"/{name}", code, message)], "This bridge cannot be shown")
