"""The same request twice happens once: the first answer is kept in the transaction of its effect."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction

from ledger.rules.problems import Problem
from ledger.transactions import command, step

# A client that comes back later than this is told nothing of its first request: it acts anew.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door said. `replayed` marks an answer that was given before."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


def once(
    principal: int,
    key: str,
    fingerprint: bytes,
    act: Callable[[], Answer],
    *,
    keep: Callable[[Answer], Answer] = lambda answer: answer,
) -> Answer:
    """Runs `act` and keeps its answer with its effect, whole or not at all; commands inside join the transaction.

    The same key again gets the first answer, also when it comes at the same moment: it waits for the first.
    The same key with another fingerprint is refused (422 `idempotency-key-reused`). An act that raises stores
    nothing, so it may be tried again. `keep` may leave out of the record what must be said only once.
    """
    with transaction.atomic():
        if not _claim(principal, key, fingerprint):
            return _first(principal, key, fingerprint)
        answer = act()
        _keep(principal, key, keep(answer))
        return answer


def _claim(principal: int, key: str, fingerprint: bytes) -> bool:
    # A duplicate that is under way holds the row: this insert waits until it has committed or failed.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_idempotency (principal, key, fingerprint) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [principal, key, fingerprint],
        )
        return bool(cursor.rowcount)


def _first(principal: int, key: str, fingerprint: bytes) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fingerprint, status, headers, body FROM ledger_idempotency WHERE principal = %s AND key = %s",
            [principal, key],
        )
        said, status, headers, body = cursor.fetchone()
    if bytes(said) != fingerprint:
        raise Problem(
            "idempotency-key-reused",
            422,
            "This key belongs to another request",
            f"“{key}” was sent with another request before. Use a new Idempotency-Key for each new request.",
        )
    return Answer(status, body, json.loads(headers), replayed=True)


def _keep(principal: int, key: str, answer: Answer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_idempotency SET status = %s, headers = %s, body = %s WHERE principal = %s AND key = %s",
            [answer.status, json.dumps(dict(answer.headers)), answer.body, principal, key],
        )


def expire(keep: timedelta = KEPT, *, most: int = 1_000, runs: int = 50) -> int:
    """Deletes answers older than `keep`, a batch in a transaction, so that no lock is held for long; returns how many.

    Two at once are harmless: each takes rows that the other has not.
    """
    gone = 0
    for _ in range(runs):
        count = _expire(keep, most)
        gone += count
        if count < most:
            break
    return gone


@command
def _expire(keep: timedelta, most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM ledger_idempotency WHERE (principal, key) IN (SELECT principal, key FROM ledger_idempotency"
            " WHERE created_at < clock_timestamp() - make_interval(secs => %s) ORDER BY created_at LIMIT %s"
            " FOR UPDATE SKIP LOCKED)",
            [keep.total_seconds(), most],
        )
        return cursor.rowcount


@step
def forget(patterns: Sequence[str]) -> int:
    """Deletes answers that hold one of these patterns of LIKE: an erased person may not live on in them."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_idempotency WHERE body ILIKE ANY (%s)", [list(patterns)])
        return cursor.rowcount
