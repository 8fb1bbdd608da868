"""Public keys that the record has announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from ledger.rules.checkpoint import Key, key_of
from ledger.rules.envelope import parse

STREAM = "ledger/keys"  # of those that sign heads of the tree
RECEIPTS = "ledger/receipt-keys"  # of those that sign receipts; the web holds one, so it can never sign a head


class Announced(NamedTuple):
    """A public key, with the entries that announced and retired it."""

    key: Key
    stream: str
    announced_at: datetime
    announced_by: int
    retired_at: datetime | None = None

    @property
    def purpose(self) -> str:
        return "heads" if self.stream == STREAM else "receipts"


def announced(stream: str = STREAM, *, retired: bool = False) -> set[Key]:
    """Keys that sign now; with `retired`, those that signed once as well."""
    return {one.key for one in history(stream) if retired or one.retired_at is None}


def history(*streams: str) -> list[Announced]:
    """Every key of these streams, of both when none is named, in the order of their announcements."""
    found: dict[tuple[str, Key], Announced] = {}
    for stream, number, at, kind, key in _entries(streams or (STREAM, RECEIPTS)):
        if kind == "key.announced":
            found[stream, key] = Announced(key, stream, at, number)
        elif (stream, key) in found:
            found[stream, key] = found[stream, key]._replace(retired_at=at)
    return list(found.values())


def _entries(streams: tuple[str, ...]) -> Iterator[tuple[str, int, datetime, str, Key]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stream, id, recorded_at, kind, envelope FROM ledger_entry WHERE stream = ANY (%s)"
            " ORDER BY stream, seq",
            [list(streams)],
        )
        rows = cursor.fetchall()
    for stream, number, at, kind, envelope in rows:
        try:
            key = key_of(parse(bytes(envelope))["body"]["public_key"])
        except (ValueError, LookupError, TypeError):
            continue  # altered bytes announce nothing, and are named by whoever verifies the record
        yield stream, number, at, kind, key
