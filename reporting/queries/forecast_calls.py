"""What managers made of their roll-ups, week by week."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.queries import prepared
from reporting.queries.measuring import Asked
from reporting.rules.forecast.categories import Calls, calls_of

# The newest of each unit and month; walked along the index.
_NEWEST = """
SELECT DISTINCT ON (c.period, c.unit) c.entry_id, c.period, c.unit, c.week, c.commit_minor, c.best_case_minor,
    c.rolled_up, c.at, (SELECT p.value FROM ledger_private_value p WHERE p.subject = c.stream AND p.id::text = (
        SELECT piece ->> 'id' FROM ledger_entry e, jsonb_array_elements(
            convert_from(e.envelope, 'UTF8')::jsonb -> 'private') AS piece WHERE e.id = c.entry_id LIMIT 1))
FROM reporting_call c WHERE c.period >= %s AND c.period < %s AND (%s::text[] IS NULL OR c.unit = ANY (%s))
ORDER BY c.period, c.unit, c.entry_id DESC
"""


@dataclass(frozen=True, slots=True)
class Call:
    """Minor units of the reporting currency, what is booked included; `rolled_up` is what stood below it then."""

    entry: int
    period: date
    unit: str
    week: date
    commit_minor: int
    best_case_minor: int
    rolled_up: Calls
    at: datetime
    because: str


def newest(asked: Asked) -> tuple[Call, ...]:
    units = None if asked.units is None else list(asked.units)
    with asked.reading(), connection.cursor() as cursor:
        prepared.execute(cursor, _NEWEST, [asked.since, asked.until, units, units])
        return tuple(
            Call(entry, period, unit, week, commit, best, calls_of(_read(rolled)), at, because or "")
            for entry, period, unit, week, commit, best, rolled, at, because in cursor.fetchall()
        )


def _read(rolled: Any) -> Mapping[str, int]:
    found: Mapping[str, int] = json.loads(rolled) if isinstance(rolled, str) else rolled
    return found
