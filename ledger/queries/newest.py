"""The record for people who read it: newest first, by stream, and the very bytes of an entry."""

from __future__ import annotations

from django.db import connection

from ledger.queries.entries import _COLUMNS, EntryView, _views

MOST = 50


def newest(stream: str = "", *, before: int | None = None, limit: int = MOST) -> list[EntryView]:
    """Entries of all streams, or of one, newest first; `before` is the last id seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ledger_entry WHERE id < %s AND (%s = '' OR stream = %s) ORDER BY id DESC LIMIT %s",
            [before or 2**62, stream, stream, limit],
        )
        return _views(cursor.fetchall())


def envelope(number: int) -> str:
    """The canonical text that was hashed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT convert_from(envelope, 'UTF8') FROM ledger_entry WHERE id = %s", [number])
        text: str = cursor.fetchone()[0]
    return text
