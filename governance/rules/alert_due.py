"""Until when an alert must be answered: soon, and before the month ends (DESIGN.md 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.rules.calendar import Calendar

DAYS = 5  # business days, the opening day being the first


@dataclass(frozen=True, slots=True)
class Answer:
    """The business day on which it counts as opened, and the day until whose end it is answered."""

    opens_on: date
    due_on: date
    due_at: datetime


def answer(missed_at: datetime, calendar: Calendar) -> Answer:
    """The earlier of the fifth business day and the business day before the last one of the month; the last one when
    that has passed. What is missed on a day opens on the next business day."""
    opens = calendar.after(calendar.day_of(missed_at))
    last = calendar.last_of_month(opens)
    limit = calendar.before(last)
    due = min(calendar.nth(opens, DAYS), limit if limit >= opens else last)
    return Answer(opens, due, calendar.end_of_work(due))
