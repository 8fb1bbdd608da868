"""Subscriptions as their person, or an administrator, sees them; deliveries with every attempt."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ledger.rules.problems import not_found

_ROWS = """
SELECT s.id, s.person_id, p.name, s.form, s.name, s.shown, s.topics, s.created_at, s.old_until, s.newest_id,
    r.failing_since, r.stopped_at, r.not_before, coalesce(r.said, ''),
    (SELECT count(*) FROM (SELECT FROM governance_delivery d WHERE d.receiver_id = r.key AND d.state = 'waiting'
                           LIMIT 501) AS w)
FROM governance_subscription s JOIN pipeline_person p ON p.id = s.person_id
LEFT JOIN governance_receiver r ON r.key = 'hook/' || s.id
WHERE s.ended_at IS NULL
"""
_DELIVERIES = """
SELECT d.id, d.message, d.receiver_id, d.sort, d.entry_id, e.kind, d.state, d.created_at, d.due_at, d.settled_at,
    d.attempts, a.number, a.at, a.result, a.status, a.detail, a.milliseconds
FROM governance_delivery d LEFT JOIN ledger_entry e ON e.id = d.entry_id
LEFT JOIN LATERAL (SELECT * FROM governance_attempt a WHERE a.delivery_id = d.id ORDER BY number DESC LIMIT 1) AS a
    ON true
"""


class SubscriptionRow(NamedTuple):
    id: int
    person: int
    person_name: str
    form: str
    name: str
    shown: str
    topics: list[str]
    created_at: datetime
    old_until: datetime | None
    newest: int
    failing_since: datetime | None
    stopped_at: datetime | None
    not_before: Any
    said: str
    waiting: int

    @property
    def state(self) -> str:
        return "stopped" if self.stopped_at else "failing" if self.failing_since else "working"

    @property
    def next_try(self) -> datetime | None:
        return self.not_before if self.state == "failing" else None


class DeliveryRow(NamedTuple):
    """A delivery with its last attempt."""

    id: int
    message: str
    receiver: str
    sort: str
    entry: int | None
    kind: str | None
    state: str
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    attempts: int
    number: int | None
    at: datetime | None
    result: str | None
    status: int | None
    detail: str | None
    milliseconds: int | None

    @property
    def type(self) -> str:
        return self.kind or ("webhook.test" if self.sort == "test" else self.sort)


class AttemptRow(NamedTuple):
    number: int
    at: datetime
    result: str
    status: int | None
    detail: str
    milliseconds: int
    sha256: str


def _rows(where: str, *values: Any) -> list[SubscriptionRow]:
    with connection.cursor() as cursor:
        # A moment before all time is no moment of Python's.
        cursor.execute(_ROWS.replace("r.not_before", "nullif(r.not_before, '-infinity')") + where, values)
        rows = [SubscriptionRow(*row) for row in cursor.fetchall()]
    return [row._replace(topics=json.loads(str(row.topics))) for row in rows]


def of_person(person: int, *, after: int | None = None, limit: int = 50) -> list[SubscriptionRow]:
    """Those that have not ended, newest first."""
    return _rows("AND s.person_id = %s AND s.id < %s ORDER BY s.id DESC LIMIT %s", person, after or 2**62, limit)


def everybodys(limit: int = 50) -> list[SubscriptionRow]:
    """For an administrator: those in trouble first."""
    return _rows("ORDER BY r.stopped_at, r.failing_since, s.id DESC LIMIT %s", limit)


def mine(number: int, person: int) -> SubscriptionRow:
    rows = _rows("AND s.id = %s AND s.person_id = %s", number, person)
    if not rows:
        raise not_found(f"Webhook {number}")
    return rows[0]


def deliveries(
    *, subscription: int | None = None, of: int | None = None, before: int | None = None, limit: int = 50
) -> list[DeliveryRow]:
    """Newest first: of one subscription, of one person's notices, or of everybody for an administrator."""
    where, values = ["d.id < %s"], [before or 2**62]
    if subscription is not None:
        where.append("d.subscription_id = %s")
        values.append(subscription)
    if of is not None:
        where.append("d.person_id = %s")
        values.append(of)
    with connection.cursor() as cursor:
        cursor.execute(f"{_DELIVERIES} WHERE {' AND '.join(where)} ORDER BY d.id DESC LIMIT %s", [*values, limit])
        return [DeliveryRow(row[0], str(row[1]), *row[2:]) for row in cursor.fetchall()]


def delivery(number: int, person: int, *, administers: bool = False) -> tuple[DeliveryRow, list[AttemptRow]]:
    """A delivery of this person's, or any for an administrator, with its attempts, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_DELIVERIES} LEFT JOIN governance_subscription s ON s.id = d.subscription_id"
            " WHERE d.id = %s AND (%s OR coalesce(d.person_id, s.person_id) = %s)",
            [number, administers, person],
        )
        row = cursor.fetchone()
        if row is None:
            raise not_found(f"Delivery {number}")
        cursor.execute(
            "SELECT number, at, result, status, detail, milliseconds, sha256 FROM governance_attempt"
            " WHERE delivery_id = %s ORDER BY number DESC LIMIT 100",
            [number],
        )
        tries = [AttemptRow(*one) for one in cursor.fetchall()]
    found = DeliveryRow(row[0], str(row[1]), *row[2:])
    return found, tries
