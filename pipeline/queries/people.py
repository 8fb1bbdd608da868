"""Names of people, for what holds only their ids."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from ledger.queries import prepared
from pipeline.models import Person

SYSTEM = "System"
_COLUMNS = tuple(field.attname for field in Person._meta.concrete_fields)
_PERSON = f"SELECT {', '.join(_COLUMNS)} FROM pipeline_person WHERE id = %s"


def person(number: int) -> Person | None:
    row = prepared.row(_PERSON, [number])
    return None if row is None else Person.from_db("default", _COLUMNS, row)


def names(persons: Iterable[int]) -> dict[int, str]:
    """Person → name in one query; 0 is the system itself, and who is gone has none."""
    wanted = list(persons)
    return {0: SYSTEM, **dict(prepared.rows("SELECT id, name FROM pipeline_person WHERE id = ANY (%s)", [wanted]))}


def id_of(email: str) -> int | None:
    """The person with this e-mail, whatever its case."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM pipeline_person WHERE lower(email) = lower(%s)", [email])
        row = cursor.fetchone()
    return row[0] if row else None


def seats_ever(person: int) -> list[int]:
    """Every seat that a person holds or has held, as known today: history never moves with the person."""
    held = "SELECT id FROM public.pipeline_seat WHERE person_id = %s ORDER BY id"
    return [row[0] for row in prepared.rows(held, [person])]
