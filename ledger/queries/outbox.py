"""How far the relay is behind."""

from __future__ import annotations

from django.db import connection


def lag() -> tuple[int, float]:
    """Rows that wait, at most 10,000 are counted, and the seconds for which the oldest is overdue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM (SELECT FROM ledger_outbox LIMIT 10000) AS waiting),"
            " coalesce((SELECT greatest(extract(epoch FROM clock_timestamp() - available_at), 0) FROM ledger_outbox"
            " ORDER BY available_at LIMIT 1), 0)::float"
        )
        count, seconds = cursor.fetchone()
    return count, seconds
