"""When a milestone is due, and by when its owner must start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

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
    # A deadline in the past helps nobody: the earliest is the end of the day of entry.
    due = max(due, entered_on)
    start = max(due - timedelta(days=template.lead_days), entered_on)
    return Deadline(_end_of_work(start, zone), _end_of_work(due, zone))


def _end_of_work(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(17), zone).astimezone(UTC)
