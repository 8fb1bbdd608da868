"""When a message may reach a person: their way, their quiet hours, five interruptions a day, the rest in one digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_A_DAY = 5
WAYS = ("email", "slack", "none")


@dataclass(frozen=True, slots=True)
class Habits:
    """How one person wants to hear. `way` is the one channel outside the product; quiet hours may pass midnight."""

    zone: str = "UTC"
    way: str = "email"
    at_once: bool = True
    quiet_from: time = time(20)
    quiet_until: time = time(7)
    digest_at: time = time(8)


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment and the person's day that it falls on."""

    at: datetime
    day: date


def moment(day: date, at: time, zone: str) -> datetime:
    """When the clocks of a zone show a time on a day; a time that is skipped in spring comes an hour later."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def day_of(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def is_quiet(now: datetime, habits: Habits) -> bool:
    """Quiet hours include their first minute and exclude their last; equal ends mean none."""
    clock = now.astimezone(ZoneInfo(habits.zone)).time()
    if habits.quiet_from <= habits.quiet_until:
        return habits.quiet_from <= clock < habits.quiet_until
    return clock >= habits.quiet_from or clock < habits.quiet_until


def interruption(now: datetime, habits: Habits) -> Slot:
    """The first moment from now on that is not quiet: the day of that moment is the one whose five it counts in."""
    at = now
    if is_quiet(now, habits):
        day = day_of(now, habits.zone)
        ends = (moment(day + timedelta(days=ahead), habits.quiet_until, habits.zone) for ahead in range(3))
        at = next(end for end in ends if end > now and not is_quiet(end, habits))
    return Slot(at, day_of(at, habits.zone))


def digest(now: datetime, habits: Habits, *, after: date | None = None) -> Slot:
    """The next digest, strictly later than now, and of a later day than `after`."""
    day = day_of(now, habits.zone)
    if after is not None:
        day = max(day, after + timedelta(days=1))
    while (at := moment(day, habits.digest_at, habits.zone)) <= now:
        day += timedelta(days=1)
    return Slot(at, day)
