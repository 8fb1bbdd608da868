"""The company: reporting currency and the zone in which its days and months begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection


@dataclass(frozen=True, slots=True)
class Company:
    currency: str
    timezone: str
    fiscal_start_month: int = 1
    name: str = ""

    def day_of(self, moment: datetime) -> date:
        """The calendar day of a moment where the company keeps its books."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def week_of(self, moment: datetime) -> datetime:
        """When the week of a moment began: Monday, midnight, where the company keeps its books."""
        day = self.day_of(moment)
        monday = day - timedelta(days=day.weekday())
        return datetime.combine(monday, time(), ZoneInfo(self.timezone)).astimezone(UTC)


def company() -> Company:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, timezone, fiscal_start_month, name FROM pipeline_organisation ORDER BY id LIMIT 1"
        )
        row = cursor.fetchone()
    return Company(*row) if row else Company("USD", "UTC")


def zone() -> str:
    return company().timezone


def has_unit(key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pipeline_unit WHERE key = %s)", [key])
        found: bool = cursor.fetchone()[0]
    return found


def unit_name(key: str) -> str:
    """Its key where there is none of that key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pipeline_unit WHERE key = %s", [key])
        row = cursor.fetchone()
    return str(row[0]) if row else key


def has_function(key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pipeline_businessfunction WHERE key = %s)", [key])
        found: bool = cursor.fetchone()[0]
    return found
