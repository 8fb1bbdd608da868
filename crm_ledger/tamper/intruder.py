"""Somebody with every power over the database: switches guards off and on again, rewrites chains, forges entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2

from crm_ledger.tamper.scratch import Copy
from ledger.rules import envelope


class Intruder:
    """A superuser's session in autocommit on a scratch copy."""

    def __init__(self, copy: Copy) -> None:
        self.copy = copy
        self.connection = psycopg2.connect(copy.superuser_url)
        self.connection.autocommit = True

    def close(self) -> None:
        self.connection.close()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, *values: Any) -> Any:
        return self.run(statement, *values)[0][0]

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """Every trigger off, then on again exactly as before: no trace in the catalogue."""
        guards = self.run(
            "SELECT t.tgrelid::regclass::text, t.tgname FROM pg_trigger t"
            " WHERE NOT t.tgisinternal AND t.tgenabled = 'A'"
        )
        for table, trigger in guards:
            self.run(f'ALTER TABLE {table} DISABLE TRIGGER "{trigger}"')
        try:
            yield
        finally:
            for table, trigger in guards:
                self.run(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{trigger}"')

    def deal(self, wanted: str = "stage = 'booked'") -> str:
        """The stream of a deal of that sort with a long history."""
        stream: str = self.one(
            f"SELECT stream FROM pipeline_dealstate WHERE {wanted} ORDER BY version DESC, deal_id LIMIT 1"
        )
        return stream

    def entries(self, stream: str) -> list[tuple[int, int, dict[str, Any]]]:
        """(id, seq, what it says) in order."""
        rows = self.run("SELECT id, seq, envelope FROM ledger_entry WHERE stream = %s ORDER BY seq", stream)
        return [(number, seq, envelope.parse(bytes(data))) for number, seq, data in rows]

    def alter(self, stream: str, seq: int, change: Callable[[dict[str, Any]], None]) -> int:
        """Changes the bytes of one entry and nothing else; returns its id."""
        number, _, said = next(row for row in self.entries(stream) if row[1] == seq)
        change(said)
        self.run("UPDATE ledger_entry SET envelope = %s WHERE id = %s", envelope.canonical(said), number)
        return number

    def rewrite(self, stream: str) -> None:
        """Makes the whole chain of a stream fit again: links, head and version."""
        head, last = envelope.ZERO_HASH, (0, 0)
        for number, seq, said in self.entries(stream):
            said["prev"] = head.hex()
            data = envelope.canonical(said)
            self.run("UPDATE ledger_entry SET envelope = %s WHERE id = %s", data, number)
            head, last = envelope.entry_hash(data), (seq, said["at"])
        self.run(
            "UPDATE ledger_stream SET head = %s, version = %s, at = ledger_moment(%s) WHERE id = %s",
            head, last[0], str(last[1]), stream,
        )  # fmt: skip

    def forge(
        self, stream: str, kind: str, body: Mapping[str, Any], *, actor: int, evidence: Sequence[str] = ()
    ) -> int:
        """An entry that extends its chain perfectly and says what it likes, through the ordinary door."""
        version, head = self.run("SELECT version, head FROM ledger_stream WHERE id = %s", stream)[0]
        now = self.one("SELECT ledger_now()")
        said = {
            "v": 1, "stream": stream, "seq": version + 1, "prev": bytes(head).hex(), "kind": kind, "at": now,
            "effective": now, "actor": actor, "on_behalf": None, "channel": "web", "policy": 1, "request": "",
            "body": body, "evidence": list(evidence), "private": [],
        }  # fmt: skip
        number: int = self.one("INSERT INTO ledger_entry (envelope) VALUES (%s) RETURNING id", envelope.canonical(said))
        return number
