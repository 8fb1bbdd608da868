"""The tree as it is kept: complete tiles of 256 hashes, and the loose hashes at the right edge of each level.

A hash at tile level `t` stands for 256^t leaves. A complete tile is written once, and its root becomes a loose hash
one level up; so every table of the tree is only added to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ledger.rules.merkle import TILE, TILE_LEVELS, Node, joined, root, spans


class Tile(NamedTuple):
    level: int
    number: int
    hashes: bytes
    root: bytes


class Place(NamedTuple):
    """Hashes `first` to `first + length - 1` at a tile level; they never cross a tile."""

    level: int
    first: int
    length: int

    @property
    def tile(self) -> tuple[int, int]:
        return self.level, self.first // TILE


def place(node: Node) -> Place:
    """Where the hashes lie that a complete subtree is computed from."""
    level, extra = divmod(node.level, TILE_LEVELS)
    return Place(level, node.number << extra, 1 << extra)


class Edge:
    """The right edge of the tree: what is needed to add leaves and to state the root, at most 255 hashes a level."""

    def __init__(self, size: int, loose: Iterable[Sequence[bytes]]) -> None:
        """`loose[t]` are the hashes at tile level t that no complete tile holds yet."""
        self.size = size
        self.loose = [list(hashes) for hashes in loose]
        wanted = loose_counts(size)
        if [len(hashes) for hashes in self.loose] != wanted:
            raise ValueError(f"the edge of a tree of {size} has {wanted} loose hashes, not {[*map(len, self.loose)]}")

    def extend(self, leaves: Sequence[bytes]) -> list[Tile]:
        """Adds leaf hashes; returns the tiles that became complete, lower levels first."""
        tiles: list[Tile] = []
        fresh: Sequence[bytes] = leaves
        level, before = 0, self.size
        self.size += len(leaves)
        while fresh:
            if level == len(self.loose):
                self.loose.append([])
            held = [*self.loose[level], *fresh]
            first = before // TILE
            whole = len(held) // TILE
            above = []
            for at in range(whole):
                part = held[at * TILE : (at + 1) * TILE]
                above.append(root(part))
                tiles.append(Tile(level, first + at, b"".join(part), above[-1]))
            self.loose[level] = held[whole * TILE :]
            fresh, before, level = above, first, level + 1
        return tiles

    def root(self) -> bytes:
        parts = []
        for hashes in reversed(self.loose):
            parts += [root(hashes[node.number << node.level :][: 1 << node.level]) for node in spans(0, len(hashes))]
        return joined(parts)


def loose_counts(size: int) -> list[int]:
    """How many loose hashes each tile level has in a tree of this size."""
    counts = []
    while size:
        counts.append(size % TILE)
        size //= TILE
    return counts
