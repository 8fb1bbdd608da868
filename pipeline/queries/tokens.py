"""Who stands behind an API token: one query from the secret to the seats."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.queries import prepared
from pipeline.models import Person
from pipeline.rules.seats import SeatView, seats

_NEEDED = {"id", "email", "name", "is_active", "is_staff", "is_superuser"}
# In the order of the model's fields: `from_db` reads the values in that order, whatever the names say.
_PERSON = tuple(field.attname for field in Person._meta.concrete_fields if field.attname in _NEEDED)
# Seats follow the product's clock, which a demo moves; how long a secret is good for follows the real one.
_BEARER = f"""
SELECT t.id, t.name, t.scope, t.expires_at, t.last_used_on IS DISTINCT FROM current_date,
       pipeline_seats_of(p.id, ledger_now()), {", ".join(f"p.{column}" for column in _PERSON)}
FROM pipeline_apitoken t JOIN pipeline_person p ON p.id = t.person_id
WHERE t.digest = %s AND t.revoked_at IS NULL AND t.expires_at > now() AND p.is_active
"""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that is good now. `unmarked` is true on its first use of a day."""

    token: int
    name: str
    scope: str
    expires_at: datetime
    unmarked: bool
    seats: tuple[SeatView, ...]
    person: Person


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def bearer(secret: str) -> Bearer | None:
    """None when the token is unknown, ended, revoked, or its person left."""
    row = prepared.row(_BEARER, [digest(secret)])
    if row is None:
        return None
    token, name, scope, expires_at, unmarked, held, *person = row
    return Bearer(
        token, name, scope, expires_at, unmarked, seats(json.loads(held)), Person.from_db("default", _PERSON, person)
    )


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its person sees it; the secret is not kept."""

    id: int
    name: str
    prefix: str
    scope: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: datetime | None


def of_person(person: int, *, after: int | None = None, limit: int = 50) -> list[TokenRow]:
    """Newest first; `after` is the last token seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, prefix, scope, created_at, expires_at, revoked_at, last_used_on FROM pipeline_apitoken"
            " WHERE person_id = %s AND id < %s ORDER BY id DESC LIMIT %s",
            [person, after or 2**62, limit],
        )
        return [TokenRow(*row) for row in cursor.fetchall()]
