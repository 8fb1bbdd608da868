"""Sends the heads of the tree out of the house; at least once each, in order."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from django.db import connections, transaction

from ledger.commands.seal import SEALER
from ledger.notify import checkpoints
from ledger.notify.checkpoints import Channel, Notice

log = logging.getLogger(__name__)
LOCK = 6_077_003  # with the name of the channel: two machines never send through one channel at the same moment
_MOST = 100
_NEXT = """
SELECT size, note, at FROM ledger_seal
WHERE size > coalesce((SELECT max(size) FROM ledger_publication WHERE channel = %s), 0) ORDER BY size {} LIMIT 1
"""
_STATE = """
INSERT INTO ledger_channel AS held (name, pause, fault) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET pause = excluded.pause, fault = excluded.fault, active = true, at = clock_timestamp()
"""


def publish(*, using: str = SEALER) -> dict[str, int]:
    """Channel → checkpoints that it took now. A channel that fails keeps its place and tries again next time."""
    return {name: through(name, channel, using=using) for name, channel in checkpoints.channels().items()}


def through(name: str, channel: Channel, *, using: str = SEALER) -> int:
    """How many checkpoints left through one channel now. What it says of itself stands in `ledger_channel`."""
    sent, fault = 0, ""
    try:
        while sent < _MOST and _next(name, channel, using):
            sent += 1
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"[:500]
    _remember(name, channel, fault, using)
    return sent


def declare(*, using: str = SEALER) -> None:
    """Tells the database which channels this installation has, so that everybody can see one that lags."""
    present = checkpoints.channels()
    with connections[using].cursor() as cursor:
        cursor.execute("UPDATE ledger_channel SET active = false WHERE active AND name <> ALL (%s)", [list(present)])
    for name, channel in present.items():
        _remember(name, channel, "", using)


def _next(name: str, channel: Channel, using: str) -> bool:
    """Sends one head. The transaction holds the channel's lock, and no transaction id before the head is away."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK, name])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT max(at) FROM ledger_publication WHERE channel = %s", [name])
        last = cursor.fetchone()[0]
        if last is not None and channel.pause and datetime.now(UTC) - last < channel.pause:
            return False
        cursor.execute(_NEXT.format("DESC" if channel.pause else ""), [name])
        row = cursor.fetchone()
        if row is None:
            return False
        notice = Notice(*row)
        channel.send(notice)
        cursor.execute("INSERT INTO ledger_publication (channel, size) VALUES (%s, %s)", [name, notice.size])
    return True


def _remember(name: str, channel: Channel, fault: str, using: str) -> None:
    """Writes only what changed: this is asked each second."""
    said: list[Any] = [name, channel.pause, fault]
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT FROM ledger_channel WHERE (name, pause, fault, active) = (%s, %s, %s, true)",
            said,
        )
        if cursor.fetchone() is None:
            cursor.execute(_STATE, said)
            if fault:
                log.error("checkpoints do not leave through %s: %s", name, fault)
