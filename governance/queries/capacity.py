"""What units have promised and what open deals would add, by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from governance.rules.capacity import CEILING, MonthLoad, Supply, month_after
from pipeline.queries import policies
from pipeline.queries.deals import ref_of

KEY = "capacity-confirmed"

# The delivery months of every deal that is not lost; `confirmed` when its capacity stands verified now.
_LOADS = """
SELECT s.deal_id, d.title, s.unit, s.stage, m.month::date, said.units,
       coalesce(st.effect = 'met' AND (st.valid_until IS NULL OR st.valid_until > ledger_now()), false)
FROM pipeline_dealstate s
JOIN pipeline_deal d ON d.id = s.deal_id
LEFT JOIN ledger_standing st ON st.stream = s.stream AND st.key = %s AND st.requirement = 'milestone',
LATERAL (SELECT
    CASE jsonb_typeof(s.inputs -> 'delivery_units') WHEN 'number'
        THEN (s.inputs ->> 'delivery_units')::numeric::bigint END,
    CASE jsonb_typeof(s.inputs -> 'delivery_months') WHEN 'number'
        THEN least((s.inputs ->> 'delivery_months')::numeric, 1200)::int END,
    date_trunc('month', s.start_on::timestamp)) AS said (units, months, first),
LATERAL generate_series(said.first, said.first + (said.months - 1) * interval '1 month', interval '1 month')
    AS m (month)
WHERE s.stage NOT IN ('lost', 'history') AND said.units > 0
  AND m.month >= %s AND m.month < %s AND (%s::text[] IS NULL OR s.unit = ANY (%s))
ORDER BY m.month, s.deal_id
"""


@dataclass(frozen=True, slots=True)
class DealLoad:
    """What one deal takes of one month of its unit."""

    deal: int
    title: str
    unit: str
    stage: str
    month: date
    units: int
    confirmed: bool

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A unit by month: `wanted` of each month is what open deals without confirmed capacity project."""

    unit: str
    name: str
    months: tuple[MonthLoad, ...]

    @property
    def worst(self) -> MonthLoad:
        """The first of the fullest months."""
        return max(self.months, key=lambda row: (row.utilisation or 0, -row.month.toordinal()))


def loads(first: date, until: date, units: Sequence[str] | None = None) -> list[DealLoad]:
    """Month by month from `first` (included) to `until` (not); `units` None: all of them."""
    wanted = None if units is None else list(units)
    with connection.cursor() as cursor:
        cursor.execute(_LOADS, [KEY, first.replace(day=1), until, wanted, wanted])
        return [DealLoad(*row) for row in cursor.fetchall()]


def outlook(first: date, months: int = 6, units: Sequence[str] | None = None) -> list[Outlook]:
    """Available, ceiling, confirmed and projected load of each unit, from the month of `first` on."""
    first = first.replace(day=1)
    span = [month_after(first, at) for at in range(months)]
    totals = _totals(loads(first, month_after(first, months), units))
    ceiling = policies.in_force().thresholds.get("capacity-ceiling", CEILING)
    found = []
    for key, name, base in _units(units):
        supply = Supply(base, ceiling=ceiling)
        rows = (MonthLoad(month, supply.available(month), supply.limit(month), *totals[key, month]) for month in span)
        found.append(Outlook(key, name, tuple(rows)))
    return found


def _totals(rows: Iterable[DealLoad]) -> dict[tuple[str, date], tuple[int, int]]:
    """(unit, month) → confirmed and projected."""
    sums: dict[tuple[str, date], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        confirmed, projected = sums[row.unit, row.month]
        add = (row.units, 0) if row.confirmed else (0, row.units)
        sums[row.unit, row.month] = (confirmed + add[0], projected + add[1])
    return sums


def _units(units: Sequence[str] | None) -> list[tuple[Any, ...]]:
    wanted = None if units is None else list(units)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, name, capacity_base FROM pipeline_unit"
            " WHERE %s::text[] IS NULL OR key = ANY (%s) ORDER BY key",
            [wanted, wanted],
        )
        return cursor.fetchall()
