"""When promise, plan and books were last compared."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

_LAST = """
SELECT max(finished_at) FROM reporting_reconciliation
WHERE finished_at <= %s AND (%s::timestamptz IS NULL OR began_at >= %s)
"""


def last(as_of: datetime, since: datetime | None = None) -> datetime | None:
    """When the newest pass by then was finished; of those that began `since`."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [as_of, since, since])
        found: datetime | None = cursor.fetchone()[0]
    return found
