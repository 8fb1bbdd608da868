"""One delivery after the other to one receiver: begun in a transaction, sent outside any, settled in another.

At least once: a worker that dies between sending and settling leaves an interrupted attempt behind, and the same
message with the same id goes out again when the lease has lapsed.
"""

from __future__ import annotations

import logging
import random
import time

from django.db import connection

from governance.commands.notifying import settling, waking
from governance.models import Delivery
from governance.notify import CHANNELS
from governance.notify.counting import ATTEMPTS
from governance.queries import parcels
from governance.rules.parcel import Parcel
from governance.rules.retrying import Outcome
from ledger.transactions import command

log = logging.getLogger(__name__)
LONGEST_TURN_SECONDS = 20

_NEXT = """
SELECT d.id FROM governance_delivery d WHERE d.receiver_id = %s AND d.state = 'waiting'
    AND d.due_at <= (SELECT ledger_now())
ORDER BY d.due_at, d.id LIMIT 1
"""
_LOST = """
INSERT INTO governance_attempt (delivery_id, number, at, result, detail, milliseconds, sha256)
SELECT id, attempts, ledger_now(), 'interrupted', 'The worker ended before it could say how it went.', 0, ''
FROM governance_delivery WHERE id = %s AND attempts > 0 ON CONFLICT DO NOTHING
"""


def drain(receiver: str, turn: int) -> int:
    """Sends what is due for a receiver, for at most twenty seconds; returns how many messages were tried.

    A turn that is not the receiver's present one comes from a message that arrived twice, and does nothing.
    """
    tried, until = 0, time.monotonic() + LONGEST_TURN_SECONDS
    while time.monotonic() < until:
        parcel = begin(receiver, turn)
        if parcel is None:
            return tried
        outcome = _send(parcel)
        tried += 1
        if not settling.settle(parcel, outcome, luck=random.random()):  # noqa: S311  (it only spreads retries)
            return tried
    release(receiver, turn)
    return tried


@command
def begin(receiver: str, turn: int) -> Parcel | None:
    """Takes the next delivery and counts the attempt; None when nothing is left or the turn is over."""
    if waking.hold(receiver) != turn:
        return None
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, [receiver])
            row = cursor.fetchone()
            if row is None:
                waking.rest(receiver)
                return None
            cursor.execute(_LOST, [row[0]])
        parcel = parcels.pack(row[0], turn)
        if parcel is not None:
            Delivery.objects.filter(pk=row[0]).update(attempts=parcel.attempt)
            waking.lease(receiver)
            return parcel
        withhold(row[0])


def withhold(delivery: int) -> None:
    """Nothing is left to say: seen, acknowledged, or nobody is there to hear it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_delivery SET state = 'withheld', settled_at = ledger_now() WHERE id = %s", [delivery]
        )


@command
def release(receiver: str, turn: int) -> None:
    """The time of this turn is used up: the next relay goes on."""
    if waking.hold(receiver) == turn:
        waking.rest(receiver)


def _send(parcel: Parcel) -> Outcome:
    started = time.monotonic()
    try:
        found = CHANNELS[parcel.channel](parcel)
    except Exception as fault:  # a fault of ours must not stop the receiver's queue silently
        log.exception("delivery %s could not be sent", parcel.delivery)
        found = Outcome("trouble", detail=f"Fault of the sender: {type(fault).__name__}")
    ATTEMPTS.labels(parcel.channel, found.result).inc()
    return Outcome(found.result, found.status, found.detail[:500], time.monotonic() - started, found.wait, found.digest)
