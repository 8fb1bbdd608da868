"""Reads the tree: heads, roots of any size, proofs. A proof costs one or two queries, whatever the size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import connections

from ledger.queries import prepared
from ledger.rules import merkle, tiles
from ledger.rules.merkle import TILE, Node, Range
from ledger.rules.problems import not_found

# Complete tiles, and for what none holds yet the loose hashes at the edge: leaves, or the roots of the tiles one level
# down.
_TILES = """
SELECT wanted.level, wanted.idx, coalesce(t.hashes, loose.hashes), loose.last + 1 - wanted.idx * 256
FROM unnest(%s::int[], %s::bigint[]) AS wanted (level, idx)
LEFT JOIN ledger_tile t ON t.level = wanted.level AND t.idx = wanted.idx
LEFT JOIN LATERAL (
    SELECT string_agg(l.hash, '' ORDER BY l.idx) AS hashes, max(l.idx) AS last FROM ledger_leaf l
        WHERE t.level IS NULL AND wanted.level = 0 AND l.idx >= wanted.idx * 256 AND l.idx < (wanted.idx + 1) * 256
    UNION ALL
    SELECT string_agg(b.root, '' ORDER BY b.idx), max(b.idx) FROM ledger_tile b
        WHERE t.level IS NULL AND b.level = wanted.level - 1
          AND b.idx >= wanted.idx * 256 AND b.idx < (wanted.idx + 1) * 256
) AS loose ON loose.hashes IS NOT NULL
"""
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
    """The hashes of complete subtrees, all in one query."""
    places = [tiles.place(node) for node in nodes]
    held = _tiles(sorted({place.tile for place in places}), using)
    found = []
    for place in places:
        at = place.first % TILE // place.length * 32
        digest = held[place.tile][place.length.bit_length() - 1][at : at + 32]
        if not digest:
            raise not_found(f"Leaf {(place.first + place.length) * TILE**place.level - 1}")
        found.append(digest)
    return found


# What stands above the same hashes is the same in every tree. Each proof asks for tiles above those of the leaves,
# which are few; those of the leaves are many, and seldom asked for twice. 24 KiB each.
_levels_of_few = lru_cache(maxsize=512)(merkle.levels)


def _tiles(wanted: Sequence[tuple[int, int]], using: str) -> dict[tuple[int, int], tuple[bytes, ...]]:
    """(level, index) → the hashes there, and level by level what stands above them."""
    with connections[using].cursor() as cursor:
        prepared.execute(cursor, _TILES, [[level for level, _ in wanted], [index for _, index in wanted]])
        rows = cursor.fetchall()
    held = {}
    for level, index, found, loose in rows:
        hashes = bytes(found or b"")
        if loose is not None and loose * 32 != len(hashes):
            raise LookupError(f"the tree has a hole at level {level} after {index * TILE}")
        held[level, index] = (_levels_of_few if level else merkle.levels)(hashes)
    return held


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
