"""Erasable texts: which belong to whom, and which speak of somebody."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from ledger.rules.envelope import parse


def mentioning(patterns: Sequence[str]) -> list[str]:
    """Ids of texts that hold one of these patterns of LIKE, whatever the case. Reads every text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id::text FROM ledger_private_value WHERE value ILIKE ANY (%s) ORDER BY id", [list(patterns)]
        )
        return [row[0] for row in cursor.fetchall()]


def of_streams(streams: Sequence[str]) -> list[str]:
    """Ids of every text of these streams."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id::text FROM ledger_private_value WHERE subject = ANY (%s) ORDER BY id", [list(streams)]
        )
        return [row[0] for row in cursor.fetchall()]


def texts(ids: Sequence[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM ledger_private_value WHERE id = ANY (%s::uuid[])", [list(ids)])
        return [row[0] for row in cursor.fetchall()]


def in_the_record(patterns: Sequence[str], most: int = 20) -> list[int]:
    """Entries whose hashed bytes hold a pattern: what no erasure can reach. Reads the whole record."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_entry WHERE convert_from(envelope, 'UTF8') ILIKE ANY (%s) ORDER BY id LIMIT %s",
            [list(patterns), most],
        )
        return [row[0] for row in cursor.fetchall()]


def erasure(stream: str) -> list[tuple[str, int, dict[str, object]]]:
    """(kind, actor, body) of an erasure, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, actor, envelope FROM ledger_entry WHERE stream = %s ORDER BY seq", [stream])
        return [(kind, actor, parse(bytes(said))["body"]) for kind, actor, said in cursor.fetchall()]
