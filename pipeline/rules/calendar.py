"""Business days of a unit: its week, its holidays, its zone. Days are local, moments in UTC; daylight saving is the
zone's affair."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKEND = (5, 6)
END_OF_WORK = time(17)
_DAY = timedelta(days=1)
_LONGEST = 366  # no calendar closes for a year


@dataclass(frozen=True, slots=True)
class Calendar:
    timezone: str = "UTC"
    holidays: Collection[date] = frozenset()

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def is_business(self, day: date) -> bool:
        return day.weekday() not in WEEKEND and day not in self.holidays

    def after(self, day: date) -> date:
        """The first business day after a day."""
        return self._walk(day + _DAY, _DAY)

    def on_or_after(self, day: date) -> date:
        return self._walk(day, _DAY)

    def before(self, day: date) -> date:
        """The last business day before a day."""
        return self._walk(day - _DAY, -_DAY)

    def nth(self, day: date, number: int) -> date:
        """The `number`-th business day, counting from the first one on or after `day` as 1."""
        found = self.on_or_after(day)
        for _at in range(number - 1):
            found = self.after(found)
        return found

    def last_of_month(self, day: date) -> date:
        """The last business day of the month of a day."""
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return self.before(following)

    def end_of_work(self, day: date) -> datetime:
        """17:00 local of a day, in UTC."""
        return datetime.combine(day, END_OF_WORK, ZoneInfo(self.timezone)).astimezone(UTC)

    def _walk(self, day: date, step: timedelta) -> date:
        for _at in range(_LONGEST):
            if self.is_business(day):
                return day
            day += step
        raise ValueError(f"no business day within a year of {day.isoformat()}")
