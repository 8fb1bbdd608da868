"""State tables made anew from the record alone: the rows of state.py, written where completeness would compare them."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from psycopg2.extensions import cursor as Cursor

from crm_ledger.verify import reading, state, tables
from crm_ledger.verify.fold import Stream
from crm_ledger.verify.reading import Reader
from crm_ledger.verify.said import Said
from crm_ledger.verify.state import Difference, Row, Table
from ledger.rules.problems import conflict
from ledger.rules.replay import Entry

Chunk = tuple[list[Entry], list[Stream]]


def walk(reader: Reader, which: str, said: Said) -> Iterator[Chunk]:
    """Chunks of entries, each with the streams that end in it; only the stream under way stays in memory."""
    stream: Stream | None = None
    for chunk, _whole in reader.entries(which):
        done: list[Stream] = []
        for entry in chunk:
            if stream is None or stream.id != entry.stream:
                done += [stream] if stream else []
                stream = Stream(entry.stream)
            list(stream.chain.deviations(entry))  # moves the head on; whether it holds is asked by `verify_ledger`
            if not entry.stream.startswith("deal/"):
                said.take(entry)
            stream.take(entry)
        yield chunk, done
    yield [], [stream] if stream else []


def differences(using: str = "default") -> Iterator[Difference]:
    """Every column in which a table says something else than the record; nothing is written."""
    said = Said()
    with reading.snapshot(using) as reader:
        for which in (reading.OTHERS, reading.DEALS):
            for chunk, done in walk(reader, which, said):
                for found, _entry in tables.of_entries(reader, chunk):
                    yield found
                for found, _stream in tables.of_streams(reader, done):
                    yield found
            if which == reading.OTHERS:
                yield from tables.of_record(reader, said)
        for part, _place in tables.orphans(reader):
            yield from part


def rebuild(using: str, *, replace: bool = False) -> Counter[str]:
    """Writes every state table in one transaction, and says how many rows each has got.

    Runs as the owner. The tables must be empty; with `replace` they are emptied first. Nobody writes to the record
    meanwhile, and the guards are off for this transaction alone: a rebuild that fails leaves everything as it was.
    """
    rows: Counter[str] = Counter()
    said = Said()
    with transaction.atomic(using=using), connections[using].cursor() as own:
        cursor = own.cursor.cursor if hasattr(own.cursor, "cursor") else own.cursor
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("LOCK TABLE ledger_entry IN SHARE MODE")
        with _unguarded(cursor):
            _empty(cursor, replace)
            with reading.snapshot(using) as reader:
                for chunk, done in walk(reader, reading.OTHERS, said):
                    _early(cursor, chunk, done, rows)
                for table in state.BY_RECORD:
                    assert table.of_record is not None
                    rows[table.name] += _copy(cursor, table, table.of_record(said))
                for chunk, done in walk(reader, reading.DEALS, said):
                    _early(cursor, chunk, done, rows)
            for sequence, name, column in state.SEQUENCES:
                cursor.execute(f"SELECT setval(%s, greatest(1, max({column})), max({column}) IS NOT NULL) FROM {name}",
                               [sequence])  # fmt: skip
    return rows


def _early(cursor: Cursor, chunk: list[Entry], done: list[Stream], rows: Counter[str]) -> None:
    for table in state.BY_STREAM:
        assert table.of_stream is not None
        rows[table.name] += _copy(cursor, table, (row for stream in done for row in table.of_stream(stream)))
    for table in state.BY_ENTRY:
        assert table.of_entry is not None
        rows[table.name] += _copy(cursor, table, (row for entry in chunk for row in table.of_entry(entry)))


@contextmanager
def _unguarded(cursor: Cursor) -> Iterator[None]:
    """The guards refuse the owner as well, so the owner sets them aside and back; a failure rolls both back. What a
    table derives for another one is set aside too: each gets its rows from the record itself."""
    cursor.execute(
        "SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled = 'A' FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgrelid = ANY (%s::text[]::regclass[])",
        [[table.name for table in state.TABLES]],
    )
    found = cursor.fetchall()
    for table, trigger, _always in found:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table, trigger, always in found:
        cursor.execute(f"ALTER TABLE {table} ENABLE {'ALWAYS ' if always else ''}TRIGGER {trigger}")


def _empty(cursor: Cursor, replace: bool) -> None:
    if replace:
        cursor.execute(f"TRUNCATE {', '.join(table.name for table in state.TABLES)}")
        return
    for table in state.TABLES:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table.name})")
        if cursor.fetchone()[0]:  # type: ignore[index]
            say = f"{table.name} has rows. Rebuild into empty tables, or say --replace to empty them first."
            raise conflict("not-empty", "The state is not empty", say)


def _copy(cursor: Cursor, table: Table, rows: Iterable[Row]) -> int:
    """COPY in its text form, the size of one chunk."""
    text, count = io.StringIO(), 0
    for row in rows:
        text.write("\t".join(map(_said, row)) + "\n")
        count += 1
    if count:
        text.seek(0)
        cursor.copy_expert(f"COPY {table.name} ({', '.join(table.all)}) FROM STDIN", text)
    return count


def _said(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.replace("\\", "\\\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
