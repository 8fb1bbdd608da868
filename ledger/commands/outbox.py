"""What leaves the house: claimed by a relay, handled by a worker, deleted with its effect."""

from __future__ import annotations

from django.db import connection

from ledger.transactions import command, step


@command
def claim(most: int = 100) -> list[tuple[int, str]]:
    """(entry, topic) of deliveries that are due, leased for 30 s. Two relays never claim the same one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id, topic FROM ledger_claim_outbox(%s)", [most])
        return cursor.fetchall()


@step
def take(entry_id: int, topic: str) -> bool:
    """Marks a delivery as handled, in the transaction of its effect; False when it was handled before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_handled (entry_id, handler) VALUES (%s, %s) ON CONFLICT DO NOTHING", [entry_id, topic]
        )
        fresh = cursor.rowcount == 1
        cursor.execute("DELETE FROM ledger_outbox WHERE entry_id = %s AND topic = %s", [entry_id, topic])
    return fresh
