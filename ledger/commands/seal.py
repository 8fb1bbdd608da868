"""Turns committed entries into leaves of one tree and signs its head (LEDGER.md, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections, transaction

from ledger.queries import tree
from ledger.rules import checkpoint
from ledger.rules.checkpoint import Signer
from ledger.rules.problems import Problem

SEALER = "sealer"
MOST = 65_536  # leaves of one seal: bounds memory, and how long other sealers find the lock taken
LOCK = 6_077_002

# Transactions finish in any order, so an id or an xid alone would skip entries that commit late. What is older than
# every transaction still under way is complete, and its order (xid, id) never changes: no lock, no hole.
# The index gives that order, so nothing is sorted; the last row is found without sorting either.
_FRESH = """
WITH fresh AS MATERIALIZED (
    SELECT %(size)s + row_number() OVER (ORDER BY xid, id) - 1 AS idx, id, xid, hash FROM ledger_entry
    WHERE xid >= %(xid)s::text::xid8 AND (xid, id) > (%(xid)s::text::xid8, %(entry)s) AND id > %(floor)s
      AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, id LIMIT %(most)s
), kept AS (
    INSERT INTO ledger_leaf (idx, entry_id, hash) SELECT idx, id, hash FROM fresh
), last AS (
    SELECT xid, id FROM fresh ORDER BY idx DESC LIMIT 1
)
SELECT string_agg(hash, ''::bytea ORDER BY idx), (SELECT xid::text FROM last), (SELECT id FROM last) FROM fresh
"""
_TILES = (
    "INSERT INTO ledger_tile (level, idx, hashes, root)"
    " SELECT * FROM unnest(%s::int[], %s::bigint[], %s::bytea[], %s::bytea[])"
)
_SEAL = """
INSERT INTO ledger_seal (size, root, last_xid, last_entry, floor_entry, cluster, note, at)
VALUES (%s, %s, %s::text::xid8, %s, %s, %s, %s, ledger_now())
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a run added: `leaves` entries, and the head that now covers `size`."""

    leaves: int
    size: int
    note: str


def seal(origin: str, signers: Sequence[Signer], *, most: int = MOST, using: str = SEALER) -> Sealed | None:
    """Seals what is committed, at most `most` entries, in one transaction of the sealer.

    None when there is nothing new, or when another sealer is at work. Raises `another-cluster` when the database
    was restored into a new one: its transaction ids began anew, so somebody has to run `seal --adopt` first.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        cluster = this_cluster(using)
        last = tree.head(using)
        if last is not None and last.cluster != cluster:
            raise another_cluster(last.cluster, cluster)
        size = last.size if last else 0
        xid, entry, floor = (str(last.last_xid), last.last_entry, last.floor_entry) if last else ("0", 0, 0)
        cursor.execute(_FRESH, {"xid": xid, "entry": entry, "floor": floor, "size": size, "most": most})
        hashes, xid, entry = cursor.fetchone()
        if hashes is None:
            return None
        data = bytes(hashes)
        leaves = [data[at : at + 32] for at in range(0, len(data), 32)]
        edge = tree.edge(size, using)
        complete = edge.extend(leaves)
        if complete:
            columns = zip(*complete, strict=True)
            cursor.execute(_TILES, [list(column) for column in columns])
        root = edge.root()
        note = checkpoint.signed(origin, edge.size, root, signers)
        cursor.execute(_SEAL, [edge.size, root, xid, entry, floor, cluster, note])
    return Sealed(len(leaves), edge.size, note)


def catch_up(origin: str, signers: Sequence[Signer], *, using: str = SEALER, runs: int = 20) -> list[Sealed]:
    """Seals until nothing is left, at most `runs` times; after days off the next call goes on."""
    done = []
    for _ in range(runs):
        found = seal(origin, signers, using=using)
        if found is None:
            break
        done.append(found)
        if found.leaves < MOST:
            break
    return done


def this_cluster(using: str = SEALER) -> str:
    """The identifier of the running database cluster: it changes by dump and restore, not by failover."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        identifier: str = cursor.fetchone()[0]
    return identifier


def another_cluster(was: str, now: str) -> Problem:
    say = (
        f"The last seal was made in database cluster {was}, this is {now}: its transaction ids began anew. "
        "Stop web and worker, then run `manage.py seal --adopt`. [SEAL-1]"
    )
    return Problem("another-cluster", 409, "The record moved to another cluster", say)
