"""Entries written past the commands, byte by byte: what somebody with the application's password could try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.utils import Error

from ledger.rules.envelope import domain
from tests import walking

INSERT = "INSERT INTO ledger_entry (envelope) VALUES (%s)"


def envelope(stream: str, kind: str, body: dict[str, Any], *, actor: int = 0, **changes: Any) -> dict[str, Any]:
    """The next envelope of a stream, with whatever lies `changes` hold; a change to `...` leaves the field out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, encode(head, 'hex'), (1000000 * extract(epoch FROM"
            " greatest(ledger_now(), at + interval '1 microsecond')))::bigint"
            " FROM ledger_now() LEFT JOIN ledger_stream ON id = %s",
            [stream],
        )
        version, head, now = cursor.fetchone()
    said = {
        "v": 1, "stream": stream, "seq": (version or 0) + 1, "prev": head or "0" * 64, "kind": kind, "at": now,
        "effective": now, "actor": actor, "on_behalf": None, "channel": "shell", "policy": None, "request": "",
        "body": body, "evidence": [], "private": [],
    }  # fmt: skip
    return {name: value for name, value in (said | changes).items() if value is not ...}


def write(*args: Any, **changes: Any) -> None:
    raw(canonical(envelope(*args, **changes)))


def canonical(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def raw(data: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [data])


def after(number: int, **changes: Any) -> dict[str, Any]:
    """The state of a deal as an entry would state it, with lies."""
    said: dict[str, Any] = domain(walking.view(number).after() | changes)
    return said


@contextmanager
def refused(*names: str) -> Iterator[None]:
    """The database refuses what is done inside, with one of these constraints or SQLSTATEs. Nothing of it stays."""
    with pytest.raises((Error, psycopg2.Error)) as caught, transaction.atomic():  # noqa: PT012
        yield
        transaction.set_rollback(True)
    cause = caught.value.__cause__ or caught.value
    assert isinstance(cause, psycopg2.Error)
    assert {cause.diag.constraint_name, cause.pgcode} & {*names}, f"{cause.diag.constraint_name} {cause}"
