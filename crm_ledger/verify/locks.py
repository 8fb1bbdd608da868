"""Locked forecasts: whether each snapshot still is what stood at its moment."""

from __future__ import annotations

from crm_ledger.verify.reading import Reader
from crm_ledger.verify.report import Report

_AGAIN = """
SELECT s.stream, s.horizon, s.digest, l.digest FROM reporting_lock s,
    LATERAL reporting_locked(s.period, s.taken_of) AS l WHERE (s.digest, s.deals) <> (l.digest, l.deals)
ORDER BY s.stream, s.horizon
"""


def check(reader: Reader, report: Report) -> None:
    """The rows behind a snapshot are forecasts, each derived from its own entry already."""
    report["completeness"].checked += 1
    for stream, horizon, digest, again in reader.rows(_AGAIN):
        report.broken("completeness", "digest", again, digest, f"reporting_lock {stream} {horizon}")
