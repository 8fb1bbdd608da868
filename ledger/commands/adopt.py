"""Goes on sealing in a new database cluster, whose transaction ids began anew. Run with web and worker stopped."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections, transaction

from ledger.commands.append import Draft, append, lock
from ledger.commands.seal import LOCK, SEALER, this_cluster
from ledger.queries import tree
from ledger.rules import checkpoint
from ledger.rules.actor import SYSTEM
from ledger.rules.checkpoint import Signer
from ledger.transactions import command

_REST = """
WITH fresh AS MATERIALIZED (
    SELECT id, hash FROM ledger_entry e WHERE NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.entry_id = e.id)
), kept AS (
    INSERT INTO ledger_leaf (idx, entry_id, hash) SELECT %s + row_number() OVER (ORDER BY id) - 1, id, hash FROM fresh
)
SELECT string_agg(hash, ''::bytea ORDER BY id), max(id) FROM fresh
"""


@command
def _say_so(was: str, now: str) -> None:
    append(lock("ledger/cluster"), Draft("ledger.adopted", {"was": was, "now": now}), by=SYSTEM)


def adopt(origin: str, signers: Sequence[Signer], *, using: str = SEALER) -> int:
    """Writes `ledger.adopted`, seals what has no leaf yet, and counts transaction ids from here; returns the size."""
    last, cluster = tree.head(using), this_cluster(using)
    if last is None or last.cluster == cluster:
        return last.size if last else 0
    _say_so(last.cluster, cluster)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        edge = tree.edge(last.size, using)
        cursor.execute(_REST, [last.size])
        hashes, newest = cursor.fetchone()
        data = bytes(hashes)
        complete = edge.extend([data[at : at + 32] for at in range(0, len(data), 32)])
        for tile in complete:
            cursor.execute("INSERT INTO ledger_tile (level, idx, hashes, root) VALUES (%s, %s, %s, %s)", list(tile))
        root = edge.root()
        note = checkpoint.signed(origin, edge.size, root, signers)
        # Entries up to `newest` are leaves, whatever their xid says; later ones are found from the beginning of the
        # new numbering on.
        cursor.execute(
            "INSERT INTO ledger_seal (size, root, last_xid, last_entry, floor_entry, cluster, note, at)"
            " VALUES (%s, %s, '0'::xid8, 0, %s, %s, %s, ledger_now())",
            [edge.size, root, newest, cluster, note],
        )
    return edge.size
