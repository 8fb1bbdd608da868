"""How people want to hear: their own word, or the defaults in the company's zone."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from governance.models import Habit
from governance.rules.habits import Habits
from pipeline.queries import organisation

_HABITS = """
SELECT p.id, h.person_id IS NOT NULL, h.zone, h.way, h.at_once, h.quiet_from, h.quiet_until, h.digest_at
FROM pipeline_person p LEFT JOIN governance_habit h ON h.person_id = p.id
WHERE p.id = ANY (%s) AND p.is_active
    AND CASE h.way WHEN 'none' THEN false WHEN 'slack' THEN h.slack <> '' ELSE p.email IS NOT NULL END
"""


def of_persons(persons: Iterable[int]) -> dict[int, Habits]:
    """Person → habits, of those who can be reached outside the product at all."""
    wanted = list(persons)
    if not wanted:
        return {}
    zone = organisation.company().timezone
    with connection.cursor() as cursor:
        cursor.execute(_HABITS, [wanted])
        return {row[0]: Habits(row[2] or zone, *row[3:]) if row[1] else Habits(zone=zone) for row in cursor.fetchall()}


def of_person(person: int) -> Habit:
    """The row of a person, or an unsaved one with the defaults."""
    return Habit.objects.filter(pk=person).first() or Habit(person_id=person)
