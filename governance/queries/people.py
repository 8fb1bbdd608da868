"""Who could act: names of people in a function and unit."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def holders(function: str, unit: str, *, without: Iterable[int] = ()) -> list[tuple[int, str]]:
    """(person, name) of who holds a function in a unit now, at most twenty, those of the unit itself first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.name FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id"
            " WHERE s.function = %s AND (s.unit = %s OR s.unit IS NULL) AND p.is_active AND p.email IS NOT NULL"
            " AND s.from_at <= ledger_now() AND (s.until_at IS NULL OR s.until_at > ledger_now())"
            " AND p.id <> ALL (%s) GROUP BY p.id, p.name ORDER BY bool_and(s.unit IS NULL), p.name LIMIT 20",
            [function, unit, list(without)],
        )
        return cursor.fetchall()
