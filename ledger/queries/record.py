"""The record as it was written, for a reader outside that must miss nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class RawEntry:
    """`envelope` are the hashed bytes; everything else is read out of them."""

    id: int
    stream: str
    seq: int
    kind: str
    actor: int
    recorded_at: datetime
    effective_at: datetime
    envelope: memoryview
    hash: memoryview


# Ids are given before a commit, so a lower id may appear after a higher one. Transactions finish in any order, too;
# what is older than every transaction still under way is complete, and (xid, id) never changes there.
_TAIL = """
SELECT id, stream, seq, kind, actor, recorded_at, effective_at, envelope, hash FROM ledger_entry
WHERE (xid, id) > (coalesce((SELECT xid FROM ledger_entry WHERE id = %s), '0'::xid8), %s)
  AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, id LIMIT %s
"""


def tail(after: int = 0, limit: int = 50) -> list[RawEntry]:
    """Entries after one, in commit order; a reader that follows the last id it got misses none."""
    with connection.cursor() as cursor:
        cursor.execute(_TAIL, [after, after, limit])
        return [RawEntry(*row) for row in cursor.fetchall()]
