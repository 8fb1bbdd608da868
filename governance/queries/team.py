"""Who holds which function in a unit: names for rows that wait."""

from __future__ import annotations

from django.db import connection

Team = dict[str, list[tuple[int, str]]]


def of_unit(unit: str) -> Team:
    """Function → (person, name) of everybody who holds it there now, those of the unit itself first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.function, p.id, p.name FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id"
            " WHERE (s.unit = %s OR s.unit IS NULL) AND p.is_active AND p.email IS NOT NULL"
            " AND s.from_at <= ledger_now() AND (s.until_at IS NULL OR s.until_at > ledger_now())"
            " GROUP BY s.function, p.id, p.name ORDER BY s.function, bool_and(s.unit IS NULL), p.name",
            [unit],
        )
        team: Team = {}
        for function, person, name in cursor.fetchall():
            team.setdefault(function, []).append((person, name))
    return team
