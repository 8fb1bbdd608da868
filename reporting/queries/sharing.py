"""Sharing and looks: today's, always; and who the direct manager of a person is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from reporting.rules.sharing import Sharing

# Whom the person's seats report to; where a seat names nobody, the sales managers of its unit.
_MANAGERS = """
SELECT DISTINCT p.id, p.name FROM public.pipeline_seat s JOIN public.pipeline_seat m
    ON m.id = s.reports_to OR s.reports_to IS NULL AND m.function = 'sales' AND m.role = 'manager'
       AND (m.unit IS NULL OR m.unit = s.unit)
JOIN public.pipeline_person p ON p.id = m.person_id
WHERE s.person_id = %s AND s.function = 'sales' AND m.person_id <> s.person_id
  AND s.from_at <= public.ledger_now() AND (s.until_at IS NULL OR s.until_at > public.ledger_now())
  AND m.from_at <= public.ledger_now() AND (m.until_at IS NULL OR m.until_at > public.ledger_now())
ORDER BY p.name, p.id
"""


@dataclass(frozen=True, slots=True)
class Look:
    name: str
    purpose: str
    at: datetime


def of_person(person: int) -> Sharing:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coach_id, given_at, noted_at, entry_id FROM public.reporting_sharing WHERE person_id = %s", [person]
        )
        row = cursor.fetchone()
    return Sharing(*row) if row else Sharing()


def looks(person: int, limit: int = 50) -> list[Look]:
    """Who looked, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(p.name, ''), l.purpose, l.at FROM public.reporting_look l"
            " LEFT JOIN pipeline_person p ON p.id = l.looker_id WHERE l.person_id = %s"
            " ORDER BY l.entry_id DESC LIMIT %s",
            [person, limit],
        )
        return [Look(*row) for row in cursor.fetchall()]


def managers(person: int) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_MANAGERS, [person])
        return cursor.fetchall()


def alert_is_open(person: int, about: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM public.governance_alert a JOIN public.pipeline_seat s ON s.id = a.owner_seat"
            " WHERE a.stream = 'alert/' || %s AND a.state <> 'closed' AND s.person_id = %s)",
            [about, person],
        )
        found: bool = cursor.fetchone()[0]
    return found
