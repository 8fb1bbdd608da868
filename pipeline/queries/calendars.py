"""The calendar of a unit: zone and holidays."""

from __future__ import annotations

from datetime import date

from django.db import connection

from ledger.rules.problems import not_found
from pipeline.rules.calendar import Calendar


def of_unit(unit: str) -> Calendar:
    """Raises not-found."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.timezone, array_agg(h.day) FILTER (WHERE h.name <> '') FROM pipeline_unit u"
            " LEFT JOIN pipeline_holiday h ON h.unit = u.key WHERE u.key = %s GROUP BY u.key",
            [unit],
        )
        row = cursor.fetchone()
    if row is None:
        raise not_found(f"Unit {unit[:40]}")
    return Calendar(row[0] or "UTC", frozenset(row[1] or ()))


def holidays(unit: str) -> list[tuple[date, str]]:
    """(day, name), oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT day, name FROM pipeline_holiday WHERE unit = %s AND name <> '' ORDER BY day", [unit])
        return cursor.fetchall()
