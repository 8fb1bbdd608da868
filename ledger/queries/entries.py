"""Entries as values: one, or a stream's timeline, newest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from ledger.rules.envelope import parse
from ledger.rules.kinds import KINDS
from ledger.rules.problems import not_found

_COLUMNS = "id, stream, seq, kind, actor, recorded_at, effective_at, envelope, hash"


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry read from its bytes. `private` holds the erasable texts by name, as far as they still exist."""

    id: int
    stream: str
    seq: int
    kind: str
    actor: int
    recorded_at: datetime
    effective_at: datetime
    body: dict[str, Any]
    channel: str
    hash: str
    evidence: tuple[str, ...] = ()
    private: dict[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return KINDS[self.kind].sentence


def _views(rows: list[tuple[Any, ...]]) -> list[EntryView]:
    said = [parse(bytes(row[7])) for row in rows]
    wanted = [piece["id"] for envelope in said for piece in envelope["private"]]
    texts = _private(wanted)
    return [_view(row, envelope, texts) for row, envelope in zip(rows, said, strict=True)]


def _view(row: tuple[Any, ...], envelope: dict[str, Any], texts: dict[str, str]) -> EntryView:
    number, stream, seq, kind, actor, recorded_at, effective_at, _, digest = row
    return EntryView(
        id=number,
        stream=stream,
        seq=seq,
        kind=kind,
        actor=actor,
        recorded_at=recorded_at,
        effective_at=effective_at,
        body=envelope["body"],
        channel=envelope["channel"],
        hash=bytes(digest).hex(),
        evidence=tuple(envelope["evidence"]),
        private={piece["name"]: texts[piece["id"]] for piece in envelope["private"] if piece["id"] in texts},
    )


def _private(ids: list[str]) -> dict[str, str]:
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id::text, value FROM ledger_private_value WHERE id = ANY (%s::uuid[])", [ids])
        return dict(cursor.fetchall())


def private_texts(numbers: list[int], name: str) -> dict[int, str]:
    """Entry → its erasable text of that name, as far as it still exists. Two queries, however many entries."""
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM ledger_entry WHERE id = ANY (%s)", [numbers])
        return {view.id: view.private.get(name, "") for view in _views(cursor.fetchall())}


def one(number: int) -> EntryView:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM ledger_entry WHERE id = %s", [number])
        rows = cursor.fetchall()
    if not rows:
        raise not_found(f"Entry {number}")
    return _views(rows)[0]


def timeline(stream: str, *, before: int | None = None, limit: int = 50) -> list[EntryView]:
    """Entries of a stream, newest first; `before` is the seq of the last one seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ledger_entry WHERE stream = %s AND seq < %s ORDER BY seq DESC LIMIT %s",
            [stream, before or 2**31 - 1, limit],
        )
        return _views(cursor.fetchall())


def listing(after: int = 0, limit: int = 50) -> list[EntryView]:
    """Entries by id, oldest first. For people and tests: a reader that must miss nothing follows commit order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM ledger_entry WHERE id > %s ORDER BY id LIMIT %s", [after, limit])
        return _views(cursor.fetchall())


def position() -> int:
    """The newest entry: what a page stamps itself with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_entry")
        number: int = cursor.fetchone()[0]
    return number
