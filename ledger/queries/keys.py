"""Public keys that the record has announced."""

from __future__ import annotations

from django.db import connection

from ledger.rules.checkpoint import Key, key_of
from ledger.rules.envelope import parse

STREAM = "ledger/keys"


def announced(*, retired: bool = False) -> set[Key]:
    """Keys that sign now; with `retired`, those that signed once as well."""
    found: set[Key] = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, envelope FROM ledger_entry WHERE stream = %s ORDER BY seq", [STREAM])
        rows = cursor.fetchall()
    for kind, envelope in rows:
        key = key_of(parse(bytes(envelope))["body"]["public_key"])
        if kind == "key.announced":
            found.add(key)
        elif not retired:
            found.discard(key)
    return found
