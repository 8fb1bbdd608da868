"""Sends the heads of the tree out of the house; at least once each, in order."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from django.db import connections

from ledger.commands.seal import SEALER
from ledger.notify import checkpoints
from ledger.notify.checkpoints import Channel, Notice

log = logging.getLogger(__name__)
_MOST = 100
_WAITING = """
SELECT s.size, s.note, s.at FROM ledger_seal s
WHERE s.size > coalesce((SELECT max(size) FROM ledger_publication WHERE channel = %s), 0) ORDER BY s.size LIMIT %s
"""


def publish(*, using: str = SEALER) -> dict[str, int]:
    """Channel → checkpoints that it took now. A channel that fails keeps its place and tries again next time."""
    sent = {}
    for name, channel in checkpoints.channels().items():
        try:
            sent[name] = _through(name, channel, using)
        except Exception:
            log.exception("checkpoints do not leave through %s", name)
            sent[name] = 0
    return sent


def _through(name: str, channel: Channel, using: str) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT max(at) FROM ledger_publication WHERE channel = %s", [name])
        last = cursor.fetchone()[0]
        if last is not None and channel.pause and datetime.now(UTC) - last < channel.pause:
            return 0
        cursor.execute(_WAITING, [name, _MOST])
        waiting = [Notice(*row) for row in cursor.fetchall()]
        if channel.pause:
            cursor.execute("SELECT size, note, at FROM ledger_seal ORDER BY size DESC LIMIT 1")
            waiting = [Notice(*cursor.fetchone())] if waiting else []
        for notice in waiting:
            channel.send(notice)
            cursor.execute(
                "INSERT INTO ledger_publication (channel, size) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                [name, notice.size],
            )
    return len(waiting)
