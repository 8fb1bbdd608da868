"""The Merkle tree of RFC 6962 (and 9162) over leaf hashes: root, inclusion and consistency, made and verified.

A proof is first a list of ranges of leaves; `spans` breaks a range into complete subtrees, and whoever keeps the
tree (tiles in the database, a list in a test) gives their hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

EMPTY_ROOT = hashlib.sha256(b"").digest()
TILE = 256
TILE_LEVELS = 8  # 256 = 2^8: a tile holds eight levels of the tree


class Node(NamedTuple):
    """A complete subtree: 2^level leaves, the first of which is `number << level`."""

    level: int
    number: int


class Range(NamedTuple):
    """Leaves `low` to `high`, the last one not included."""

    low: int
    high: int


Hashes = Callable[[Node], bytes]


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, level by level."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    sha = hashlib.sha256
    while len(level) > 1:
        pairs = iter(level)
        above = [sha(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def levels(hashes: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile, one after the other, and level by level those of the complete subtrees above them."""
    sha, found = hashlib.sha256, [hashes]
    for _ in range(TILE_LEVELS):
        below = found[-1]
        found.append(b"".join(sha(b"\x01" + below[at : at + 64]).digest() for at in range(0, len(below) - 63, 64)))
    return tuple(found)


class Frontier:
    """The right edge of a growing tree: at most one hash a level, whatever the size."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        """`edge` are the complete subtrees of `spans(0, size)`, the largest first."""
        self.size, self.edge = size, list(edge)

    def add(self, leaf: bytes) -> None:
        below, number = leaf, self.size
        while number & 1:
            below = node_hash(self.edge.pop(), below)
            number >>= 1
        self.edge.append(below)
        self.size += 1

    def root(self) -> bytes:
        return joined(self.edge)


def joined(edge: Sequence[bytes]) -> bytes:
    """The root over complete subtrees of shrinking size, the largest first."""
    if not edge:
        return EMPTY_ROOT
    whole = edge[-1]
    for left in reversed(edge[:-1]):
        whole = node_hash(left, whole)
    return whole


def spans(low: int, high: int) -> list[Node]:
    """The complete subtrees that make up a range of a proof, from left to right."""
    found, at = [], low
    while at < high:
        level = (high - at).bit_length() - 1
        if at:
            level = min(level, (at & -at).bit_length() - 1)
        found.append(Node(level, at >> level))
        at += 1 << level
    return found


def hash_of(part: Range, hashes: Hashes) -> bytes:
    return joined([hashes(node) for node in spans(*part)])


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(index: int, size: int) -> list[Range]:
    """The ranges whose hashes lead from a leaf to the root of the tree of that size, the leaf's sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    low, high, found = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            found.append(Range(middle, high))
            high = middle
        else:
            found.append(Range(low, middle))
            low = middle
    return found[::-1]


def consistency(old: int, size: int) -> list[Range]:
    """The ranges that prove the tree of `old` leaves to be the beginning of the tree of `size`."""
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {old} is not the beginning of one of {size}")
    low, high, found, whole = 0, size, [], True
    if old in (0, size):
        return []
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            found.append(Range(middle, high))
            high = middle
        else:
            found.append(Range(low, middle))
            low, whole = middle, False
    if not whole:
        found.append(Range(low, high))
    return found[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """RFC 9162, 2.1.3.2: is the leaf at this index of the tree with the expected root?"""
    if not 0 <= index < size:
        return False
    first, last, whole = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            whole = node_hash(beside, whole)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            whole = node_hash(whole, beside)
        first, last = first >> 1, last >> 1
    return last == 0 and whole == expected


def verify_consistency(old: int, size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162, 2.1.4.2: is the old tree the beginning of the new one?"""
    if not 0 <= old <= size:
        return False
    if old in (0, size):
        return not path and (old_root == new_root if old else old_root == EMPTY_ROOT)
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    was = now = steps[0]
    for beside in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            was, now = node_hash(beside, was), node_hash(beside, now)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            now = node_hash(now, beside)
        first, last = first >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root
