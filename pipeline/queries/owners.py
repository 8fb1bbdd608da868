"""Sales seats: who may own a deal."""

from __future__ import annotations

from django.db import connection


def sales_seats() -> list[tuple[int, str, str]]:
    """(seat, person, unit) of the sales seats that may own a deal now, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, p.name, s.unit FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id"
            " WHERE s.function = 'sales' AND s.unit IS NOT NULL AND s.from_at <= ledger_now()"
            " AND (s.until_at IS NULL OR s.until_at > ledger_now()) ORDER BY p.name, s.id LIMIT 300"
        )
        return cursor.fetchall()
