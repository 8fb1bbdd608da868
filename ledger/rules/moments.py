"""The moment that a reader asks for: read exactly, or refused with the way to write it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from ledger.rules.problems import Fault, Problem, bad_input

NAME = "as_of"
_MOST = 60


def fault(code: str, message: str) -> Problem:
    return bad_input([Fault(f"/{NAME}", code, message)], "This moment cannot be shown")


def parse(text: str, zone: str | None = None) -> datetime:
    """RFC 3339; with a `zone` also what a form sends: `2026-09-30T17:00` there, or a day, which is the end of it."""
    said = text.strip()
    try:
        if len(said) > _MOST:
            raise ValueError
        if zone is not None and len(said) == 10:
            moment = datetime.combine(date.fromisoformat(said), time.max, ZoneInfo(zone))
        else:
            # An unescaped + of an address arrives as a space.
            moment = datetime.fromisoformat(said[:11] + said[11:].replace(" ", "+"))
        if moment.tzinfo is None:
            if zone is None or len(said) < 16:
                raise ValueError
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        if not 1900 < moment.year < 9000:
            raise ValueError
        return moment.astimezone(UTC)
    except ValueError:
        shown = said if len(said) <= _MOST else said[:_MOST] + "…"
        raise fault("ASOF-1", f"“{shown}” is not a moment. Write it as 2026-11-30T17:00:00Z.") from None


def text(moment: datetime) -> str:
    """The one way that an address writes a moment: RFC 3339 in UTC, without what is zero."""
    said = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="auto")
    return f"{said}Z"


def check_past(moment: datetime, now: datetime) -> None:
    if moment > now:
        raise fault("ASOF-2", f"Nothing is known of {text(moment)} yet: now is {text(now.replace(microsecond=0))}.")


def no_past(what: str = "This page") -> Problem:
    return fault("ASOF-3", f"{what} shows the present only. Leave out {NAME}.")


def no_act() -> Problem:
    return fault("ASOF-4", f"The past is read, never changed. Leave out {NAME} to act now.")
