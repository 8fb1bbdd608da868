"""Expansions as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

_COLUMNS = """
SELECT x.id, x.unit, x.units, x.ordered_on, x.lead_days, x.counts_from, x.state, x.ordered_by, o.name, x.ordered_at,
    x.verified_by, v.name, x.verified_at
FROM governance_expansion x JOIN pipeline_person o ON o.id = x.ordered_by
LEFT JOIN pipeline_person v ON v.id = x.verified_by
"""


@dataclass(frozen=True, slots=True)
class ExpansionRow:
    id: int
    unit: str
    units: int
    ordered_on: date
    lead_days: int
    counts_from: date
    state: str
    ordered_by: int
    ordered_by_name: str
    ordered_at: datetime
    verified_by: int | None
    verified_by_name: str | None
    verified_at: datetime | None

    @property
    def ready_on(self) -> date:
        return self.ordered_on + timedelta(days=self.lead_days)


def next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('governance_expansion_number')")
        number: int = cursor.fetchone()[0]
    return number


def one(number: int) -> ExpansionRow | None:
    with connection.cursor() as cursor:
        cursor.execute(f"{_COLUMNS} WHERE x.id = %s", [number])
        row = cursor.fetchone()
    return ExpansionRow(*row) if row else None


def of_units(units: Sequence[str] | None, most: int = 50) -> list[ExpansionRow]:
    """Newest first; `units` None: every unit."""
    wanted = None if units is None else list(units)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_COLUMNS} WHERE %s::text[] IS NULL OR x.unit = ANY (%s) ORDER BY x.id DESC LIMIT %s",
            [wanted, wanted, most],
        )
        return [ExpansionRow(*row) for row in cursor.fetchall()]
