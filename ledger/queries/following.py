"""Entries in the order in which they were committed, for whoever follows the record and must miss none.

Ids and transaction ids are given before the commit, so a reader that remembers the largest id skips what commits late.
What is older than every transaction under way is complete, and its order (xid, id) never changes: see commands/seal.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection


class Place(NamedTuple):
    """Everything up to (xid, id) of this cluster and up to `floor` has been seen."""

    xid: int
    id: int
    floor: int
    cluster: str


class Followed(NamedTuple):
    xid: int
    id: int
    stream: str
    kind: str


_AFTER = """
SELECT xid::text::bigint, id, stream, kind FROM ledger_entry
WHERE xid >= %(xid)s::text::xid8 AND (xid, id) > (%(xid)s::text::xid8, %(id)s) AND id > %(floor)s
  AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, id LIMIT %(most)s
"""


def after(place: Place, most: int = 1000) -> list[Followed]:
    with connection.cursor() as cursor:
        cursor.execute(_AFTER, {**place._asdict(), "most": most})
        return [Followed(*row) for row in cursor.fetchall()]


def here() -> tuple[Place, int]:
    """The place after everything that is complete now, and the newest id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint), coalesce((SELECT max(id) FROM"
            " ledger_entry), 0), (SELECT system_identifier::text FROM pg_control_system())"
        )
        xmin, newest, cluster = cursor.fetchone()
    return Place(xmin - 1, 2**62, 0, cluster), newest


def before(entry: int) -> Place:
    """The place right before an entry, to hear again of it and all later ones: ids and commits differ in order only
    among neighbours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT min(xid::text::bigint) FROM ledger_entry WHERE id >= %s AND id < %s),"
            " pg_snapshot_xmin(pg_current_snapshot())::text::bigint),"
            " (SELECT system_identifier::text FROM pg_control_system())",
            [entry, entry + 10_000],
        )
        xid, cluster = cursor.fetchone()
    return Place(xid, 0, entry - 1, cluster)


def cluster() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        found: str = cursor.fetchone()[0]
    return found


class Sealed(NamedTuple):
    """Streams of the leaves before `next`; `at` is the moment of the last one, None when there was none."""

    next: int
    streams: tuple[str, ...]
    at: datetime | None


_SEALED = """
SELECT coalesce(max(idx) + 1, %(leaf)s), coalesce(array_agg(DISTINCT stream), '{}'), max(recorded_at) FROM (
    SELECT l.idx, e.stream, e.recorded_at FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id
    WHERE l.idx >= %(leaf)s ORDER BY l.idx LIMIT %(most)s
) AS following
"""


def sealed(leaf: int, most: int) -> Sealed:
    """What is sealed from a leaf on. Leaves have no gaps, also in a database that was restored: none is missed."""
    with connection.cursor() as cursor:
        cursor.execute(_SEALED, {"leaf": leaf, "most": most})
        following, streams, at = cursor.fetchone()
    return Sealed(following, tuple(streams), at)
