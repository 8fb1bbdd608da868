"""The tree against the published vectors of RFC 6962 and against the recursion of its text."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import merkle

# The eight leaves of the reference implementation of Certificate Transparency, and its roots for 1 to 8 leaves.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [merkle.leaf_hash(data) for data in INPUTS]


def naive(leaves):
    """RFC 6962, 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:half]) + naive(leaves[half:])).digest()


def naive_path(index, leaves):
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if index < half:
        return [*naive_path(index, leaves[:half]), naive(leaves[half:])]
    return [*naive_path(index - half, leaves[half:]), naive(leaves[:half])]


def naive_consistency(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [naive(leaves)]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if old <= half:
        return [*naive_consistency(old, leaves[:half], whole), naive(leaves[half:])]
    return [*naive_consistency(old - half, leaves[half:], False), naive(leaves[:half])]


def some(count):
    return [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def hashes_of(leaves):
    """Hashes of complete subtrees, as a store of tiles would give them."""

    def of(node):
        size = 1 << node.level
        part = leaves[node.number * size : (node.number + 1) * size]
        assert len(part) == size, "a proof asks for a subtree that is not complete"
        return merkle.root(part)

    return of


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size):
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.Frontier().root() == merkle.root([])


PUBLISHED_PATHS = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}


@pytest.mark.parametrize(("place", "expected"), PUBLISHED_PATHS.items())
def test_published_inclusion_paths(place, expected):
    index, size = place
    path = [merkle.hash_of(part, hashes_of(LEAVES[:size])) for part in merkle.inclusion(index, size)]
    assert [digest.hex() for digest in path] == list(expected)
    assert merkle.verify_inclusion(LEAVES[index], index, size, path, bytes.fromhex(ROOTS[size - 1]))


PUBLISHED_CONSISTENCY = {
    (1, 8): PUBLISHED_PATHS[0, 8],
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}


@pytest.mark.parametrize(("sizes", "expected"), PUBLISHED_CONSISTENCY.items())
def test_published_consistency_paths(sizes, expected):
    old, size = sizes
    path = [merkle.hash_of(part, hashes_of(LEAVES[:size])) for part in merkle.consistency(old, size)]
    assert [digest.hex() for digest in path] == list(expected)
    roots = bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[size - 1])
    assert merkle.verify_consistency(old, size, path, *roots)


@given(st.integers(0, 700))
def test_three_ways_to_a_root_agree(size):
    leaves = some(size)
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    assert merkle.root(leaves) == naive(leaves) == frontier.root()
    assert frontier.edge == [hashes_of(leaves)(node) for node in merkle.spans(0, size)]


@given(st.data())
def test_every_leaf_is_proven_and_nothing_else(data):
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    leaves = some(size)
    path = [merkle.hash_of(part, hashes_of(leaves)) for part in merkle.inclusion(index, size)]
    root = naive(leaves)
    assert path == naive_path(index, leaves)
    assert merkle.verify_inclusion(leaves[index], index, size, path, root)
    other = data.draw(st.integers(0, size))
    if other != index:
        assert not merkle.verify_inclusion(leaves[index], other, size, path, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"forged"), index, size, path, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*path, root], root)
    if path:
        assert not merkle.verify_inclusion(leaves[index], index, size, path[:-1], root)


@given(st.data())
def test_a_beginning_is_proven_and_a_rewrite_is_not(data):
    size = data.draw(st.integers(1, 300))
    old = data.draw(st.integers(0, size))
    leaves = some(size)
    path = [merkle.hash_of(part, hashes_of(leaves)) for part in merkle.consistency(old, size)]
    was, now = naive(leaves[:old]), naive(leaves)
    if 0 < old < size:
        assert path == naive_consistency(old, leaves)
    assert merkle.verify_consistency(old, size, path, was, now)
    if old:
        changed = data.draw(st.integers(0, old - 1))
        rewritten = [*leaves[:changed], merkle.leaf_hash(b"rewritten"), *leaves[changed + 1 :]]
        false = [merkle.hash_of(part, hashes_of(rewritten)) for part in merkle.consistency(old, size)]
        assert not merkle.verify_consistency(old, size, false, was, naive(rewritten))
        assert not merkle.verify_consistency(old, size, path, was, naive(rewritten))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 4)])
def test_a_leaf_outside_the_tree_has_no_proof(index, size):
    with pytest.raises(ValueError, match="not in a tree"):
        merkle.inclusion(index, size)
    assert not merkle.verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])
