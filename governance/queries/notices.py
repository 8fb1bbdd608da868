"""Notices of a person, what is acknowledged, and who administers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from ledger.queries import periods

_UNTOLD = """
SELECT given.stream, given.rung, e.id FROM unnest(%s::text[], %s::integer[]) AS given (stream, rung)
JOIN ledger_entry e ON e.stream = given.stream AND e.kind = 'period.closed'
WHERE NOT EXISTS (SELECT FROM governance_notice n WHERE n.subject = 'entry/' || e.id AND n.rung = given.rung)
"""


class Told(NamedTuple):
    """A notice with how it left the house: the state and moment of its delivery, if it had one."""

    id: int
    sentence: str
    link: str
    at: datetime
    read_at: datetime | None
    delivery: int | None
    channel: str
    state: str
    due_at: datetime | None
    settled_at: datetime | None
    attempts: int


def is_acknowledged(subject: str) -> bool:
    """Whether somebody has taken the subject up, so that nobody is told of it any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM governance_acknowledgement WHERE subject = %s AND reopened_at IS NULL)",
            [subject],
        )
        found: bool = cursor.fetchone()[0]
    return found


def untold_closings(asked: Sequence[tuple[date, int]]) -> dict[tuple[date, int], int]:
    """(month, rung) → the entry that closed the month, of those of which nobody was told on that rung."""
    by_stream = {(periods.stream_of(month), rung): (month, rung) for month, rung in asked}
    if not by_stream:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_UNTOLD, [[stream for stream, _rung in by_stream], [rung for _stream, rung in by_stream]])
        return {by_stream[stream, rung]: entry for stream, rung, entry in cursor.fetchall()}


def of_person(person: int, *, before: int | None = None, limit: int = 50) -> list[Told]:
    """Newest first; `before` is the last id seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.id, n.sentence, n.link, n.at, n.read_at, d.id, coalesce(split_part(d.receiver_id, '/', 1), ''),"
            " coalesce(d.state, CASE WHEN n.planned_at IS NULL THEN 'planned soon' ELSE 'in the product' END),"
            " d.due_at, d.settled_at, coalesce(d.attempts, 0)"
            " FROM governance_notice n LEFT JOIN LATERAL (SELECT d.* FROM governance_delivery_notices l"
            "   JOIN governance_delivery d ON d.id = l.delivery_id WHERE l.notice_id = n.id ORDER BY d.id DESC LIMIT 1)"
            " AS d ON true WHERE n.person_id = %s AND n.id < %s ORDER BY n.id DESC LIMIT %s",
            [person, before or 2**62, limit],
        )
        return [Told(*row) for row in cursor.fetchall()]


def administrators() -> list[int]:
    """Who hears of what nobody else would: people who sit in an administrator's seat now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT p.id FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id"
            " WHERE s.role = 'admin' AND p.is_active AND s.from_at <= ledger_now()"
            " AND (s.until_at IS NULL OR s.until_at > ledger_now()) ORDER BY p.id LIMIT 20"
        )
        return [row[0] for row in cursor.fetchall()]
