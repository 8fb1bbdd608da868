"""Receivers: they wake when something waits for them, and one worker at a time serves each."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from ledger.transactions import command, step

LEASE_SECONDS = 60
_WAKE = """
INSERT INTO governance_receiver AS held
    (key, wake_at, not_before, leased_until, turn, failures, said)
VALUES (%s, %s, '-infinity', '-infinity', 0, 0, '')
ON CONFLICT (key) DO UPDATE SET wake_at = least(held.wake_at, excluded.wake_at)
"""
# The moments are read once, so that the index finds who is due; a receiver that somebody looks at is passed over.
_CLAIM = f"""
UPDATE governance_receiver r SET turn = r.turn + 1, leased_until = clock_timestamp() + interval '{LEASE_SECONDS} s'
FROM (SELECT key FROM governance_receiver
      WHERE stopped_at IS NULL AND wake_at <= (SELECT ledger_now()) AND not_before <= (SELECT ledger_now())
        AND leased_until <= (SELECT clock_timestamp())
      ORDER BY wake_at LIMIT %s FOR UPDATE SKIP LOCKED) due
WHERE r.key = due.key RETURNING r.key, r.turn
"""


@step
def wake(receiver: str, at: datetime) -> str:
    """Something waits for this receiver from then on; returns its key."""
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, [receiver, at])
    return receiver


@command
def claim(most: int = 50) -> list[tuple[str, int]]:
    """(receiver, turn) of those for whom something is due, leased for a minute. Two relays never claim the same."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [most])
        return cursor.fetchall()


@step
def hold(receiver: str) -> int:
    """Locks a receiver; returns its present turn, 0 when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT turn FROM governance_receiver WHERE key = %s FOR UPDATE", [receiver])
        row = cursor.fetchone()
    return row[0] if row else 0


@step
def lease(receiver: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_receiver SET leased_until = clock_timestamp() + %s * interval '1 s' WHERE key = %s",
            [LEASE_SECONDS, receiver],
        )


@step
def rest(receiver: str) -> None:
    """Gives the lease back and sleeps until the next waiting delivery is due. The receiver is locked: what is added
    at this moment waits for us and wakes it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_receiver SET leased_until = clock_timestamp(), wake_at = (SELECT min(due_at)"
            " FROM governance_delivery WHERE receiver_id = %s AND state = 'waiting') WHERE key = %s",
            [receiver, receiver],
        )


@step
def forgive(receiver: str) -> None:
    """Forgets the trouble of a receiver: it is tried at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_receiver SET failures = 0, failing_since = NULL, stopped_at = NULL,"
            " not_before = '-infinity' WHERE key = %s",
            [receiver],
        )
