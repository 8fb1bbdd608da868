"""Reads the tree: heads, roots of any size, proofs. A proof costs one or two queries, whatever the size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from ledger.queries import prepared
from ledger.rules import merkle, tiles
from ledger.rules.merkle import TILE, Node, Range
from ledger.rules.problems import not_found

# The hashes of a place that no complete tile holds: leaves, or the roots of the tiles one level down.
_TILES = (
    "SELECT t.level, t.idx, t.hashes FROM ledger_tile t"
    " JOIN unnest(%s::int[], %s::bigint[]) AS wanted (level, idx) USING (level, idx)"
)
_LEAVES = "SELECT idx, hash FROM ledger_leaf WHERE idx >= %s AND idx < %s ORDER BY idx"
_ROOTS = "SELECT idx, root FROM ledger_tile WHERE level = %s AND idx >= %s AND idx < %s ORDER BY idx"


@dataclass(frozen=True, slots=True)
class SealView:
    """A signed head of the tree."""

    size: int
    root: bytes
    note: str
    at: datetime
    last_xid: int
    last_entry: int
    floor_entry: int
    cluster: str


_SEAL = "SELECT size, root, note, at, last_xid::text::bigint, last_entry, floor_entry, cluster FROM ledger_seal"


def head(using: str = "default") -> SealView | None:
    """The newest seal; None before the first one."""
    return next(iter(seals(limit=1, using=using)), None)


def seals(*, before: int | None = None, limit: int = 50, using: str = "default") -> list[SealView]:
    """Seals, the largest first; `before` is the smallest size seen."""
    with connections[using].cursor() as cursor:
        prepared.execute(cursor, f"{_SEAL} WHERE size < %s ORDER BY size DESC LIMIT %s", [before or 2**62, limit])
        return [SealView(row[0], bytes(row[1]), *row[2:]) for row in cursor.fetchall()]


def leaf_of(entry: int) -> int | None:
    """The leaf of an entry; None while it is not sealed."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT idx FROM ledger_leaf WHERE entry_id = %s", [entry])
        row = cursor.fetchone()
    return row[0] if row else None


def edge(size: int, using: str = "default") -> tiles.Edge:
    """The right edge of the tree of that size, to go on from."""
    loose, whole = [], size
    for level, count in enumerate(tiles.loose_counts(size)):
        loose.append(_loose(level, whole - count, count, using))
        whole //= TILE
    return tiles.Edge(size, loose)


def root(size: int, using: str = "default") -> bytes:
    """The root over the first `size` leaves; raises not-found beyond the last one."""
    return merkle.joined(list(_hashes(merkle.spans(0, size), using)))


def inclusion(index: int, size: int, using: str = "default") -> list[bytes]:
    """The audit path of a leaf in the tree of that size."""
    return _path(merkle.inclusion(index, size), using)


def consistency(old: int, size: int, using: str = "default") -> list[bytes]:
    return _path(merkle.consistency(old, size), using)


def _path(ranges: Sequence[Range], using: str) -> list[bytes]:
    parts = [merkle.spans(*part) for part in ranges]
    found = iter(_hashes([node for part in parts for node in part], using))
    return [merkle.joined([next(found) for _ in part]) for part in parts]


def _hashes(nodes: Iterable[Node], using: str) -> list[bytes]:
    """The hashes of complete subtrees, all tiles in one query."""
    places = [tiles.place(node) for node in nodes]
    wanted = sorted({place.tile for place in places})
    with connections[using].cursor() as cursor:
        cursor.execute(_TILES, [[level for level, _ in wanted], [index for _, index in wanted]])
        held = {(level, index): bytes(hashes) for level, index, hashes in cursor.fetchall()}
    for level, index in wanted:
        if (level, index) not in held:
            loose = _loose(level, index * TILE, TILE, using)
            held[level, index] = b"".join(loose)
    found = []
    for place in places:
        start = place.first % TILE * 32
        part = held[place.tile][start : start + place.length * 32]
        if len(part) != place.length * 32:
            raise not_found(f"Leaf {(place.first + place.length) * TILE**place.level - 1}")
        found.append(merkle.root([part[at : at + 32] for at in range(0, len(part), 32)]))
    return found


def _loose(level: int, first: int, count: int, using: str) -> list[bytes]:
    with connections[using].cursor() as cursor:
        if level:
            cursor.execute(_ROOTS, [level - 1, first, first + count])
        else:
            cursor.execute(_LEAVES, [first, first + count])
        rows = cursor.fetchall()
    if [row[0] for row in rows] != list(range(first, first + len(rows))):
        raise LookupError(f"the tree has a hole at level {level} after {first}")
    return [bytes(row[1]) for row in rows]
