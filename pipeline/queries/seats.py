"""Who sits where, at a moment."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import connection

from pipeline.rules.seats import SeatView, seats


def now() -> datetime:
    """The product's clock: the database's, moved in a demo."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def of_person(person: int) -> tuple[SeatView, ...]:
    """The seats that a person holds now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pipeline_seats_of(%s, ledger_now())", [person])
        return seats(json.loads(cursor.fetchone()[0]))


def eligible_verifiers() -> dict[tuple[str, str], int]:
    """(function, unit) → how many people hold it now; a seat without unit counts in every unit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.key, u.key, count(DISTINCT s.person_id)"
            " FROM pipeline_businessfunction f CROSS JOIN pipeline_unit u"
            " LEFT JOIN pipeline_seat s ON s.function = f.key AND (s.unit IS NULL OR s.unit = u.key)"
            " AND s.from_at <= ledger_now() AND (s.until_at IS NULL OR s.until_at > ledger_now())"
            " GROUP BY f.key, u.key"
        )
        return {(function, unit): count for function, unit, count in cursor.fetchall()}
