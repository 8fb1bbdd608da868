"""What was measured of integrity: its three memories agree with each other and with where each deal stands.

A score is no fact of the record, and no gate asks it. Whoever changes one of the memories alone is named here.
"""

from __future__ import annotations

from crm_ledger.verify.reading import Reader
from crm_ledger.verify.report import Report

_MOST = 10
# A deal's moves out of and into places come to what it is worth where it stands.
_DEALS = """
SELECT deal_id, k.value::text || ' worth ' || k.worth, m.value::text || ' worth ' || m.worth FROM (
    SELECT deal_id, place, period, unit, value, value * score AS worth FROM reporting_integrity WHERE place <> ''
) AS k FULL JOIN (
    SELECT deal_id, place, period, unit, sum(value)::bigint AS value, sum(worth)::bigint AS worth
    FROM reporting_integritymove GROUP BY 1, 2, 3, 4 HAVING sum(value) <> 0 OR sum(worth) <> 0
) AS m USING (deal_id, place, period, unit)
WHERE (k.value, k.worth) IS DISTINCT FROM (m.value, m.worth) ORDER BY 1 LIMIT %s
"""
_DAYS = """
SELECT place || ' ' || day || ' ' || period || ' ' || unit, m.value::text || ' worth ' || m.worth,
    k.value::text || ' worth ' || k.worth
FROM reporting_integrityday k FULL JOIN (
    SELECT place, (at AT TIME ZONE 'UTC')::date AS day, period, unit, sum(value)::bigint AS value,
        sum(worth)::bigint AS worth
    FROM reporting_integritymove GROUP BY 1, 2, 3, 4
) AS m USING (place, day, period, unit)
WHERE (k.value, k.worth) IS DISTINCT FROM (m.value, m.worth) ORDER BY 1 LIMIT %s
"""
# Measured as it stands now, a deal is where the record says.
_PLACES = """
SELECT i.deal_id, coalesce(s.value_minor, 0), i.value FROM reporting_integrity i
JOIN pipeline_dealstate s ON s.deal_id = i.deal_id AND s.version = i.version
WHERE i.lack <> i.value * (100 - i.score)
   OR i.place <> '' AND (i.place, i.period, i.unit, i.value) IS DISTINCT FROM (s.place, s.period, s.unit, s.value_minor)
ORDER BY 1 LIMIT %s
"""


def check(reader: Reader, report: Report) -> None:
    report["completeness"].checked += 3
    for table, question in (
        ("reporting_integrity", _DEALS), ("reporting_integrityday", _DAYS), ("reporting_integrity", _PLACES),
    ):  # fmt: skip
        for key, expected, found in reader.rows(question, [_MOST]):
            report.broken("completeness", "score", expected, found, f"{table} {key}")
