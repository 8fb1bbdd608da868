"""Reads the whole database once, under one snapshot, with server-side cursors: memory stays bounded."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connections
from psycopg2.extensions import connection as Connection

from ledger.rules import replay
from ledger.rules.replay import Entry

CHUNK = 1_000
MOST_BYTES = 4 * 2**20  # of one chunk of envelopes, however long they are
_FETCH = 500  # rows that come over the wire at once: at most 32 KiB each, twice as long in hex
_ENTRIES = """
SELECT id, stream, seq, kind, actor, recorded_at, effective_at, stage, amount_minor, currency, owner, envelope, hash
FROM ledger_entry WHERE {} AND stream > %s ORDER BY stream, seq
"""


def _streams(*sorts: str) -> str:
    """`/` comes right before `0` in the C collation, so these bounds hold the streams of these sorts, by an index."""
    return "(" + " OR ".join(f"stream >= '{sort}/' AND stream < '{sort}0'" for sort in sorts) + ")"


# Deals, alerts, targets and months of forecasts are judged by what the others say.
DEALS = _streams(
    "account", "deal", "alert", "break", "forecast", "sharing", "objective", "target"
)  # in this order: accounts come first
OTHERS = f"NOT {DEALS}"
# Streams that say what the organisation was and can deliver: needed by every judgement.
COMPANY = _streams("account", "seat", "rate", "policy", "unit", "expansion", "capacity", "period")


class Reader:
    """One snapshot of the database; `rows` streams, `ask` fetches what is small."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._names = itertools.count(1)

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        with self.connection.cursor(name=f"verify_{next(self._names)}") as cursor:
            cursor.itersize = _FETCH
            cursor.execute(query, values)
            yield from cursor

    def try_ask(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """None where the database cannot read what stands there, as JSON in altered bytes; the snapshot goes on."""
        with self.connection.cursor() as cursor:
            cursor.execute("SAVEPOINT asked")
            try:
                cursor.execute(query, values)
                return cursor.fetchall()
            except psycopg2.DataError:
                cursor.execute("ROLLBACK TO SAVEPOINT asked")
                return None

    def ask(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def entries(self, which: str, after: str = "") -> Iterator[tuple[list[Entry], bool]]:
        """Entries in chunks, stream after stream, each in the order of its seq; and whether the last stream is whole.

        A chunk ends with a stream, unless that alone is too long for one.
        """
        part: list[Entry] = []
        size = 0
        for row in self.rows(_ENTRIES.format(which), [after]):
            full = len(part) >= CHUNK or size > MOST_BYTES
            ends = bool(part) and part[-1].stream != row[1]
            if full and (ends or len(part) >= 2 * CHUNK or size > 2 * MOST_BYTES):
                yield part, ends
                part, size = [], 0
            part.append(replay.read(*row[:11], bytes(row[11]), bytes(row[12])))
            size += len(part[-1].envelope)
        if part:
            yield part, True


@contextmanager
def snapshot(using: str = "default") -> Iterator[Reader]:
    """A connection of its own, read only; it sees the database as it is at its first question."""
    parameters = connections[using].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    connection = psycopg2.connect(**parameters)
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SET cursor_tuple_fraction = 1; SET idle_in_transaction_session_timeout = 0;"
                           " SET statement_timeout = 0; SET TIME ZONE 'UTC'")  # fmt: skip
        yield Reader(connection)
    finally:
        connection.close()


def unique(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
