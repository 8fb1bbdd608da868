"""What a forecast asks of a unit's capacity beyond what is promised already."""

from __future__ import annotations

from datetime import date

from django.db import connection

from governance.rules.projected import Projected

# Deals that are called best case or commit and hold nothing of a month of their delivery yet.
_PROJECTED = """
SELECT s.unit, m.month::date, sum(said.units)::bigint, coalesce(sum(s.value_minor / said.months), 0)::bigint
FROM reporting_forecast f JOIN pipeline_dealstate s ON s.deal_id = f.deal_id,
LATERAL (SELECT
    CASE jsonb_typeof(s.inputs -> 'delivery_units') WHEN 'number'
        THEN (s.inputs ->> 'delivery_units')::numeric::bigint END,
    CASE jsonb_typeof(s.inputs -> 'delivery_months') WHEN 'number'
        THEN least(greatest((s.inputs ->> 'delivery_months')::numeric, 1), 120)::int END,
    date_trunc('month', s.start_on::timestamp)) AS said (units, months, first),
LATERAL generate_series(greatest(said.first, %(first)s::timestamp),
    least(said.first + (said.months - 1) * interval '1 month', %(until)s::timestamp - interval '1 day'),
    interval '1 month') AS m (month)
WHERE f.until_at IS NULL AND f.category IN ('commit', 'best_case') AND s.unit = %(unit)s AND s.start_on IS NOT NULL
  AND said.units > 0 AND NOT EXISTS (SELECT FROM governance_reservation r
    WHERE r.deal_id = s.deal_id AND r.unit = s.unit AND r.month = m.month::date)
GROUP BY 1, 2 ORDER BY 2
"""


def projected(unit: str, first: date, until: date) -> list[Projected]:
    """By month from `first` to before `until`, both the first of a month."""
    with connection.cursor() as cursor:
        cursor.execute(_PROJECTED, {"unit": unit, "first": first, "until": until})
        return [Projected(*row) for row in cursor.fetchall()]
