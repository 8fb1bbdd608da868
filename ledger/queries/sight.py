"""Whose entry it is: the unit of the deal it belongs to, read from the record itself."""

from __future__ import annotations

from django.db import connection

from ledger.rules.problems import not_found

_WHOSE = """
SELECT e.stream, e.envelope, (
    SELECT convert_from(a.envelope, 'UTF8')::jsonb #>> '{body,after,unit}' FROM ledger_entry a
    WHERE a.stream = e.stream AND a.stage IS NOT NULL ORDER BY a.seq DESC LIMIT 1)
FROM ledger_entry e WHERE e.id = %s
"""


def entry(number: int) -> tuple[str, bytes, str | None]:
    """Stream, hashed bytes, and the unit that its deal stands in today; None for what is no deal's."""
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE, [number])
        row = cursor.fetchone()
    if row is None:
        raise not_found(f"Entry {number}")
    return row[0], bytes(row[1]), row[2]
