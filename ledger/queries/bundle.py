"""The whole record in the order of its leaves, streaming."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

_ENVELOPES = """
SELECT e.envelope FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id WHERE l.idx < %s ORDER BY l.idx
"""
_CHECKPOINTS = "SELECT size, at, note FROM ledger_seal WHERE size <= %s ORDER BY size"


def envelopes(size: int) -> Iterator[bytes]:
    """The hashed bytes of the first `size` leaves; memory does not grow with them."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_ENVELOPES, [size])
        while rows := cursor.fetchmany(2_000):
            for row in rows:
                yield bytes(row[0])


def checkpoints(size: int) -> Iterator[tuple[int, datetime, str]]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_CHECKPOINTS, [size])
        while rows := cursor.fetchmany(2_000):
            yield from rows
