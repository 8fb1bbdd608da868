"""Locked forecasts: which are kept, and what stood of a month at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

_SUMS = """
SELECT unit, category, count(*), coalesce(sum(value_minor), 0)::bigint FROM reporting_forecast
WHERE period = %s AND at <= %s AND (until_at IS NULL OR until_at > %s) GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """`sums`: [unit, category, deals, value in minor units of the reporting currency]; `digest` of every line."""

    deals: int
    digest: str
    sums: list[list[Any]]


def at(period: date, moment: datetime) -> Locked:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deals, digest FROM reporting_locked(%s, %s)", [period, moment])
        deals, digest = cursor.fetchone()
        cursor.execute(_SUMS, [period, moment, moment])
        return Locked(deals, digest, [list(row) for row in cursor.fetchall()])


def kept() -> set[tuple[date, int]]:
    """(period, horizon) of every snapshot."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT period, horizon FROM reporting_lock")
        return set(cursor.fetchall())


def began() -> datetime | None:
    """When something was foretold for the first time: before, there is nothing to keep."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(at) FROM reporting_forecast")
        found: datetime | None = cursor.fetchone()[0]
    return found
