"""Demand of deals by their chances: what a forecast would take of each month of their units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection

from governance.rules.projected import Projected

# Delivery months of these deals that hold nothing yet; the value spread evenly over them.
_OF_DEALS = """
SELECT s.deal_id, s.unit, m.month::date, said.units, coalesce(s.value_minor, 0) / said.months
FROM pipeline_dealstate s,
LATERAL (SELECT
    CASE jsonb_typeof(s.inputs -> 'delivery_units') WHEN 'number'
        THEN (s.inputs ->> 'delivery_units')::numeric::bigint END,
    CASE jsonb_typeof(s.inputs -> 'delivery_months') WHEN 'number'
        THEN greatest(1, least((s.inputs ->> 'delivery_months')::numeric, 120))::int END,
    date_trunc('month', s.start_on::timestamp)) AS said (units, months, first),
LATERAL generate_series(said.first, said.first + (said.months - 1) * interval '1 month',
    interval '1 month') AS m (month)
WHERE s.deal_id = ANY (%s) AND s.stage NOT IN ('lost', 'history') AND said.units > 0
  AND NOT EXISTS (SELECT FROM governance_reservation r
    WHERE r.deal_id = s.deal_id AND r.unit = s.unit AND r.month = m.month::date)
"""


def of_deals(chances: Mapping[int, Decimal]) -> list[Projected]:
    """Σ p × demand and Σ p × value by unit and month; `chances`: deal → p, from 0 to 1. Whole units and minor units,
    half up. What a deal holds already is promised, and not projected again."""
    sums: dict[tuple[str, date], list[Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_DEALS, [list(chances)])
        for deal, unit, month, units, value in cursor.fetchall():
            known = sums.setdefault((unit, month), [Decimal(0), Decimal(0)])
            known[0] += chances[deal] * units
            known[1] += chances[deal] * value
    return [
        Projected(unit, month, *(int(part.quantize(Decimal(1), ROUND_HALF_UP)) for part in parts))
        for (unit, month), parts in sorted(sums.items())
    ]
