"""When a milestone is due, and by when its owner must start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from governance.rules.alert import counterpart_of
from ledger.rules.standing import Standing
from pipeline.rules.policy import MilestoneTemplate


@dataclass(frozen=True, slots=True)
class Deadline:
    start_by: datetime
    due_at: datetime


def deadline(
    template: MilestoneTemplate, *, entered_at: datetime, close_on: date | None, start_on: date | None, timezone: str
) -> Deadline:
    """due = anchor + offset, start_by = due − lead time; both at the end of that working day (17:00 local).

    An anchor that is not known yet falls back to the moment of stage entry.
    """
    zone = ZoneInfo(timezone)
    entered_on = entered_at.astimezone(zone).date()
    anchor = {"stage_entry": entered_on, "expected_close": close_on, "delivery_start": start_on}[template.anchor]
    due = (anchor or entered_on) + timedelta(days=template.offset_days)
    # A deadline in the past helps nobody: the earliest is the next end of work.
    late = entered_at >= end_of_work(entered_on, zone)
    earliest = entered_on + timedelta(days=1) if late else entered_on
    due = max(due, earliest)
    start = max(due - timedelta(days=template.lead_days), earliest)
    return Deadline(end_of_work(start, zone), end_of_work(due, zone))


def notes(standing: Standing, now: datetime) -> tuple[str, ...]:
    """The kinds that time alone makes true of a milestone by `now`, in the order in which they became true.

    Work that has not begun by `start_by` is noted before the miss; one that had no lead time is only missed.
    """
    if not standing.is_open or standing.missed_at is not None or standing.due_at is None:
        return ()
    start = standing.start_by
    late = (
        standing.status == "planned" and standing.late_at is None and start is not None and start < standing.due_at
        and start <= now
    )  # fmt: skip
    missed = standing.due_at <= now
    return (("milestone.started_late",) if late else ()) + (("milestone.missed",) if missed else ())


def unanswered(standing: Standing, now: datetime) -> bool:
    """Whether the day of a handshake has passed without an answer by `now`. A refusal is an answer; what is offered
    after that day is no miss any more."""
    if not standing.is_open or standing.missed_at is not None or standing.status == "refused":
        return False
    assert standing.due_at is not None
    return standing.due_at <= now and (standing.at is None or standing.at < standing.due_at)


def owing(standing: Standing) -> str:
    """The function whose turn it is at an open handshake: who is asked when it is offered, else who is to offer it."""
    return standing.function if standing.status == "offered" else counterpart_of(standing.function)


def end_of_work(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(17), zone).astimezone(UTC)
