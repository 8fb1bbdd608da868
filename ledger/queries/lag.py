"""How far sealing and publication are behind; cheap enough to be asked by every probe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

LATE = timedelta(seconds=5)
# The first entry in commit order that no seal covers. What is not committed is not seen, and is not late either.
_UNSEALED = """
WITH last AS (SELECT last_xid, last_entry, floor_entry, cluster FROM ledger_seal ORDER BY size DESC LIMIT 1)
SELECT
    (SELECT ledger_now() - e.recorded_at FROM ledger_entry e
     WHERE e.xid >= coalesce((SELECT last_xid FROM last), '0')
       AND (e.xid, e.id) > (coalesce((SELECT last_xid FROM last), '0'), coalesce((SELECT last_entry FROM last), 0))
       AND e.id > coalesce((SELECT floor_entry FROM last), 0)
     ORDER BY e.xid, e.id LIMIT 1),
    (SELECT cluster <> (SELECT system_identifier::text FROM pg_control_system()) FROM last),
    (SELECT max(size) FROM ledger_seal)
"""
_CHANNELS = """
SELECT c.name, c.pause, c.fault, sent.size, sent.at, (SELECT ledger_now() - s.at FROM ledger_seal s
    WHERE s.size > coalesce(sent.size, 0) ORDER BY s.size LIMIT 1)
FROM ledger_channel c
LEFT JOIN LATERAL (SELECT p.size, p.at FROM ledger_publication p WHERE p.channel = c.name
    ORDER BY p.size DESC LIMIT 1) sent ON true
WHERE c.active ORDER BY c.name
"""


@dataclass(frozen=True, slots=True)
class ChannelLag:
    """`behind`: age of the oldest head that it did not take; None when there is none."""

    name: str
    pause: timedelta
    fault: str
    size: int | None
    at: datetime | None
    behind: timedelta | None

    @property
    def is_late(self) -> bool:
        return self.behind is not None and self.behind > self.pause + LATE


@dataclass(frozen=True, slots=True)
class Lag:
    """`unsealed`: age of the oldest entry without a seal; None when all are sealed."""

    unsealed: timedelta | None
    elsewhere: bool
    size: int
    channels: tuple[ChannelLag, ...]

    @property
    def sealing_is_late(self) -> bool:
        return self.elsewhere or (self.unsealed is not None and self.unsealed > LATE)

    @property
    def late_channels(self) -> tuple[ChannelLag, ...]:
        return tuple(channel for channel in self.channels if channel.is_late)


def lag() -> Lag:
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED)
        unsealed, elsewhere, size = cursor.fetchone()
        cursor.execute(_CHANNELS)
        channels = tuple(ChannelLag(*row) for row in cursor.fetchall())
    return Lag(unsealed, bool(elsewhere), size or 0, channels)


def sealing_sentence(found: Lag) -> str:
    """“ok”, or what is wrong with sealing."""
    if found.elsewhere:
        return "the record moved to another database cluster [SEAL-1]"
    if found.sealing_is_late:
        assert found.unsealed is not None
        return f"the oldest entry without a seal is {found.unsealed.total_seconds():.0f} s old"
    return "ok"


def publication_sentence(found: Lag) -> str:
    """“ok”; “ok; …” while at least one channel keeps up; otherwise what is wrong."""
    if found.size and not found.channels:
        return "no channel publishes the signed heads"
    late = ", ".join(
        f"{channel.name} is {channel.behind.total_seconds():.0f} s behind"
        for channel in found.late_channels if channel.behind is not None
    )  # fmt: skip
    if not late:
        return "ok"
    return late if len(found.late_channels) == len(found.channels) else f"ok; {late}"
