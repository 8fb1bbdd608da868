"""What units have, have promised and could be asked for, by month: from pools and from open deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from governance.queries import odds
from governance.rules import demand
from governance.rules.capacity import CEILING, MonthLoad, month_after
from governance.rules.pools import Pool
from ledger.queries import moment, prepared, remembered
from ledger.queries.sums_by_deal import SumsByDeal
from pipeline.queries.deals import ref_of

MOST_DEALS = 200

# Names without a schema: asked of the past, every one of them is what it was (ledger/queries/moment.py).
_GRID = """
SELECT u.key, u.name, m.month::date, u.capacity_base, (SELECT coalesce(sum(e.units), 0)::bigint
        FROM governance_expansion e WHERE e.unit = u.key AND e.state = 'verified' AND e.counts_from <= m.month),
    coalesce((SELECT (t ->> 'value')::numeric FROM (SELECT document FROM pipeline_policyversion
            WHERE published_at IS NOT NULL ORDER BY version DESC LIMIT 1) AS p,
        jsonb_array_elements(coalesce(p.document -> 'thresholds', '[]')) AS t
        WHERE t ->> 'key' = 'capacity-ceiling'), %s),
    coalesce(p.soft, 0), coalesce(p.confirmed, 0)
FROM pipeline_unit u
CROSS JOIN generate_series(%s::timestamp, %s::timestamp - interval '1 day', interval '1 month') AS m (month)
LEFT JOIN {pools} AS p ON p.unit = u.key AND p.month = m.month::date
WHERE %s::text[] IS NULL OR u.key = ANY (%s) ORDER BY u.key, m.month
"""
# What pools have given at a moment, from the sums of what is sealed: their rows of then would be folded one by one.
_GIVEN = """(
    SELECT unit, period AS month, coalesce(sum(amount) FILTER (WHERE place = 'soft-reserved'), 0)::bigint AS soft,
        coalesce(sum(amount) FILTER (WHERE place = 'confirmed'), 0)::bigint AS confirmed
    FROM ledger_balance_parts('capacity', ARRAY['soft-reserved', 'confirmed'], %s::date, %s::date, %s::text[],
        ledger_now())
    GROUP BY unit, period)"""
# Delivery months of open deals that hold nothing of them yet.
_WANTED = """
FROM pipeline_dealstate s,
LATERAL (SELECT
    CASE jsonb_typeof(s.inputs -> 'delivery_units') WHEN 'number'
        THEN (s.inputs ->> 'delivery_units')::numeric::bigint END,
    CASE jsonb_typeof(s.inputs -> 'delivery_months') WHEN 'number'
        THEN least((s.inputs ->> 'delivery_months')::numeric, 120)::int END,
    date_trunc('month', s.start_on::timestamp)) AS said (units, months, first),
LATERAL generate_series(greatest(said.first, %s::timestamp),
    least(said.first + (said.months - 1) * interval '1 month', %s::timestamp - interval '1 day'),
    interval '1 month') AS m (month)
WHERE s.stage NOT IN ('lost', 'history') AND said.units > 0 AND (%s::text[] IS NULL OR s.unit = ANY (%s))
  AND s.start_on < %s AND s.start_on >= %s::date - interval '120 months'
  AND NOT EXISTS (SELECT FROM governance_reservation r
    WHERE r.deal_id = s.deal_id AND r.unit = s.unit AND r.month = m.month::date)
"""
# What each open deal would add to the months of its delivery, and those that it holds already; of the present.
_ADDS = """
SELECT s.deal_id, s.unit, s.stage, said.first, said.months, held.months, said.units FROM pipeline_dealstate s,
LATERAL (SELECT
    CASE jsonb_typeof(s.inputs -> 'delivery_units') WHEN 'number'
        THEN (s.inputs ->> 'delivery_units')::numeric::bigint END,
    CASE jsonb_typeof(s.inputs -> 'delivery_months') WHEN 'number'
        THEN least((s.inputs ->> 'delivery_months')::numeric, 120)::int END,
    date_trunc('month', s.start_on::timestamp)::date) AS said (units, months, first),
LATERAL (SELECT string_agg(to_char(r.month, 'YYYY-MM-DD'), ' ' ORDER BY r.month), count(*) FROM governance_reservation r
    WHERE r.deal_id = s.deal_id AND r.unit = s.unit AND r.month >= said.first
      AND r.month < said.first + said.months * interval '1 month') AS held (months, n)
WHERE s.stage NOT IN ('lost', 'history') AND said.units > 0 AND s.start_on IS NOT NULL AND held.n < said.months {some}
"""
# Of a moment, by sums of what is sealed and the entries behind it; see sql/waiting_totals.sql.
_ASKED = "SELECT unit, month, stage, units FROM governance_demand_at(%s::date, %s::date, %s::text[], ledger_now())"
_HELD = """
SELECT r.deal_id, d.title, r.unit, s.stage, r.month, r.units, r.state, s.value_minor
FROM governance_reservation r JOIN pipeline_deal d ON d.id = r.deal_id
JOIN pipeline_dealstate s ON s.deal_id = r.deal_id
WHERE r.month >= %s AND r.month < %s AND (%s::text[] IS NULL OR r.unit = ANY (%s))
"""


@dataclass(frozen=True, slots=True)
class DealLoad:
    """What one deal takes, or would take, of one month of its unit. `state` is confirmed, soft or open."""

    deal: int
    title: str
    unit: str
    stage: str
    month: date
    units: int
    state: str
    value_minor: int | None

    @property
    def ref(self) -> str:
        return ref_of(self.deal)

    @property
    def confirmed(self) -> bool:
        return self.state == "confirmed"


@dataclass(frozen=True, slots=True)
class Month:
    """A pool with what open deals that hold nothing of it would add: all of it, and by their chances."""

    pool: Pool
    wanted: int = 0
    expected: int = 0

    @property
    def load(self) -> MonthLoad:
        """If every open deal is won."""
        return MonthLoad(self.pool.month, self.pool.available, self.pool.promised, self.pool.taken, self.wanted)

    @property
    def likely(self) -> MonthLoad:
        return MonthLoad(self.pool.month, self.pool.available, self.pool.promised, self.pool.taken, self.expected)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A unit by month."""

    unit: str
    name: str
    months: tuple[Month, ...]

    @property
    def worst(self) -> MonthLoad:
        """The first of the fullest months, if every open deal is won."""
        rows = [month.load for month in self.months]
        return max(rows, key=lambda row: (row.utilisation or 0, -row.month.toordinal()))


def outlook(first: date, months: int = 6, units: Sequence[str] | None = None) -> list[Outlook]:
    """What each unit has, has promised, and could be asked for, from the month of `first` on."""
    first = first.replace(day=1)
    if moment.past() is None:
        return _outlook(first, months, units)
    key = ("outlook", first, months, None if units is None else tuple(units))
    return remembered.remembered(key, lambda: _outlook(first, months, units))


def _outlook(first: date, months: int, units: Sequence[str] | None) -> list[Outlook]:
    until, wanted = month_after(first, months), None if units is None else list(units)
    pools, given = ("governance_capacitymonth", []) if moment.past() is None else (_GIVEN, [first, until, wanted])
    rows = prepared.rows(_GRID.format(pools=pools), [CEILING, first, until, *given, wanted, wanted])
    asked = _by_stage(first, until, wanted)
    chances = odds.by_stage() if asked else {}
    found: dict[str, Outlook] = {}
    for unit, name, month, base, expanded, ceiling, soft, confirmed in rows:
        pool = Pool(unit, month, base, expanded, Decimal(ceiling), soft, confirmed)
        stages = asked.get((unit, month), {})
        one = Month(pool, sum(stages.values()), demand.expected(stages, chances))
        known = found.get(unit) or Outlook(unit, name, ())
        found[unit] = replace(known, months=(*known.months, one))
    return list(found.values())


def _spread(unit: str, stage: str, first: date, months: int, held: str | None) -> list[tuple[str, str, date]]:
    every = (month_after(first, nth) for nth in range(months))
    return [(unit, stage, month) for month in every if held is None or month.isoformat() not in held]


_DEMAND = SumsByDeal(_ADDS, _spread)


def remember() -> None:
    """Reads what every open deal would add, so that nobody waits for it later."""
    _DEMAND.sums()


def _by_stage(first: date, until: date, units: list[str] | None) -> Mapping[tuple[str, date], dict[str, int]]:
    """(unit, month) → stage → units that open deals would add."""
    sums: dict[tuple[str, date], dict[str, int]] = defaultdict(dict)
    if moment.past() is None:
        for (unit, stage, month), (total, _deals) in _DEMAND.sums().items():
            if first <= month < until and (units is None or unit in units):
                sums[unit, month][stage] = total
        return sums
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [first, until, units])
        for unit, month, stage, total in cursor.fetchall():
            sums[unit, month][stage] = total
    return sums


def loads(first: date, until: date, units: Sequence[str] | None = None, most: int = MOST_DEALS) -> list[DealLoad]:
    """Deals that hold or would add something, from `first` (included) to `until` (not): by month, what is held first,
    the largest first. `units` None: all of them."""
    first = first.replace(day=1)
    wanted = None if units is None else list(units)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({_HELD} UNION ALL SELECT s.deal_id, d.title, s.unit, s.stage, m.month::date, said.units,"
            f" 'open', s.value_minor {_WANTED.replace('pipeline_dealstate s,', _WITH_TITLE)}) AS l"
            " ORDER BY month, array_position(ARRAY['confirmed', 'soft', 'open'], state), units DESC, deal_id LIMIT %s",
            [first, until, wanted, wanted, *_span(first, until, wanted), most],
        )
        return [DealLoad(*row) for row in cursor.fetchall()]


_WITH_TITLE = "pipeline_dealstate s JOIN pipeline_deal d ON d.id = s.deal_id,"


def _span(first: date, until: date, units: list[str] | None) -> list[Any]:
    return [first, until, units, units, until, first]
