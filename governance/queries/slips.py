"""By how much milestones of a type have slipped in a unit, handshakes among them: what the record knows, not what
anybody hopes. A handshake comes when it is accepted."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

ENOUGH = 8  # observations; with fewer the policy says what to expect
LOOKED_AT = 1_000  # of a type, the newest

_TYPICAL = """
SELECT wanted.key, percentile_disc(0.5) WITHIN GROUP (ORDER BY late.days)
FROM unnest(%s::text[]) AS wanted (key), LATERAL (
    SELECT (st.at AT TIME ZONE %s)::date - (st.first_due_at AT TIME ZONE %s)::date AS days, st.stream
    FROM ledger_standing st WHERE st.key = wanted.key AND st.requirement IN ('milestone', 'handshake')
      AND st.effect = 'met' AND st.at > st.first_due_at ORDER BY st.at DESC LIMIT %s
) AS late JOIN pipeline_dealstate s ON s.deal_id = split_part(late.stream, '/', 2)::bigint
WHERE s.unit = %s AND late.days > 0 GROUP BY wanted.key HAVING count(*) >= %s
"""


def typical(keys: Sequence[str], unit: str, zone: str) -> dict[str, int]:
    """Milestone → the median of the days by which those that were late came late; only where enough have."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TYPICAL, [list(keys), zone, zone, LOOKED_AT, unit, ENOUGH])
        return dict(cursor.fetchall())
