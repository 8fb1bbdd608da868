"""Entries by raw connections, so that a test decides when each commits."""

from datetime import UTC, datetime

from ledger.rules import envelope


def entry(stream: str, seq: int = 1, prev: bytes = envelope.ZERO_HASH, *, at=None, **body) -> bytes:
    moment = at or datetime.now(UTC)
    return envelope.canonical(
        {
            "v": 1, "stream": stream, "seq": seq, "prev": prev.hex(), "kind": "import.received", "at": moment,
            "effective": moment, "actor": 0, "on_behalf": None, "channel": "shell", "policy": None, "request": "",
            "body": body, "evidence": [], "private": [],
        }
    )  # fmt: skip


def insert(connection, *envelopes: bytes) -> list[int]:
    with connection.cursor() as cursor:
        ids = []
        for data in envelopes:
            cursor.execute("INSERT INTO ledger_entry (envelope) VALUES (%s) RETURNING id", [data])
            ids.append(cursor.fetchone()[0])
    return ids
