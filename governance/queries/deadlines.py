"""Deals on which somebody must look because a moment has passed. An index on that moment finds them: what is not
due costs nothing, however much of it there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db import connection

# The clock in a subquery: it is volatile, and as a bare call it would be asked for each row of the index.
_DUE = """
SELECT deal FROM (
    SELECT split_part(stream, '/', 2)::bigint AS deal, watch_at FROM ledger_standing
    WHERE watch_at <= (SELECT ledger_now()) AND NOT stream = ANY (%s)
      AND split_part(stream, '/', 2)::bigint %% %s = %s ORDER BY watch_at LIMIT %s
) AS waiting GROUP BY deal ORDER BY min(watch_at)
"""
_MANY = """
SELECT count(*) FROM (SELECT FROM ledger_standing WHERE watch_at <= (SELECT ledger_now()) LIMIT %s) AS waiting
"""


class Share(NamedTuple):
    """The deals whose number leaves `part` when it is divided by `of`: processes that sweep at once each take one."""

    part: int = 0
    of: int = 1


WHOLE = Share()


def due(limit: int, without: Collection[int] = (), share: Share = WHOLE) -> list[int]:
    """Deals with at most `limit` milestones that wait to be looked at, longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [[f"deal/{number}" for number in without], share.of, share.part, limit])
        return [row[0] for row in cursor.fetchall()]


def is_more_than(milestones: int) -> bool:
    """Whether more than so many milestones wait to be looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [milestones + 1])
        return bool(cursor.fetchone()[0] > milestones)


def behind() -> int | None:
    """For how many seconds the longest waiting due moment has waited; None when everything is handled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ceil(extract(epoch FROM ledger_now() - min(watch_at)))::bigint FROM ledger_standing"
            " WHERE watch_at <= (SELECT ledger_now())"
        )
        seconds: int | None = cursor.fetchone()[0]
    return seconds


class Watched(NamedTuple):
    """`id` of the milestone; `requirement` is `milestone` or `handshake`."""

    id: int
    requirement: str


def watched(streams: Sequence[str]) -> Mapping[tuple[str, str], Watched]:
    """(stream, key) → each milestone of some deals."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.stream, m.key, m.id, st.requirement FROM governance_milestone m"
            " JOIN ledger_standing st ON (st.stream, st.key) = (m.stream, m.key) WHERE m.stream = ANY (%s)",
            [list(streams)],
        )
        return {(stream, key): Watched(*known) for stream, key, *known in cursor.fetchall()}
