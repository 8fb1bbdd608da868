#!/usr/bin/env python3
"""Verifies a bundle of the record: one file, Python 3.11 and the package `cryptography`; no server, no database.

    python verify_bundle.py FOLDER --key NAME+ID+KEY [--checkpoints FILE] [--booked-at 2026-11-30T17:00:00Z]

Trust nothing that lies in the bundle but what is proven: give the public key as you know it from elsewhere, and the
checkpoints that you have kept yourself. Written apart from the product: it shares no line with it.
"""

import argparse
import base64
import gc
import json
import re
import sys
from binascii import unhexlify
from collections import defaultdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

START = (0, bytes(32))  # of a stream: no entry, and zeros in place of a hash
FILE = 256  # entries of a full file: a complete subtree of 2^8 leaves
# The end of an envelope in canonical form, where keys stand in order and texts hold no bare quotation mark: what
# follows the last `,"prev":"` belongs to the outermost object, and these are its last fields. One match a line.
PREV = b',"prev":"'
TAIL = re.compile(
    rb'^,"prev":"(.{64})","private":\[[^\]]*+\],"request":"[^"\\]*+","seq":([0-9]++),"stream":"([^"\\]++)","v":1\}$',
    re.MULTILINE,
)
POSTED = b'"postings":[{'


class Broken(Exception):
    """The first broken fact; the message names it."""


class Tree:
    """The right edge of a Merkle tree of RFC 6962: one hash for each bit of the size."""

    def __init__(self):
        self.size, self.edge = 0, []

    def add(self, leaf):
        self._carry(leaf, self.size)
        self.size += 1

    def add_file(self, leaves):
        """A full file of leaves at once, level by level."""
        if len(leaves) != FILE or self.size % FILE:
            raise ValueError("only full files, and only at their own places")
        level = leaves
        while len(level) > 1:
            pairs = iter(level)
            level = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
        self._carry(level[0], self.size // FILE)
        self.size += FILE

    def root(self):
        whole = None
        for left in reversed(self.edge):
            whole = left if whole is None else sha256(b"\x01" + left + whole).digest()
        return whole

    def _carry(self, below, number):
        while number & 1:
            below = sha256(b"\x01" + self.edge.pop() + below).digest()
            number >>= 1
        self.edge.append(below)


class Chains:
    """Streams: each entry names the hash of the one before it. Leaves may come in another order than a stream's own."""

    def __init__(self):
        self.heads, self.early = {}, {}

    def add_all(self, first, places, leaves):
        """The (prev, seq, stream) of leaves that follow each other."""
        heads, known, early = self.heads, self.heads.get, self.early
        for index, ((prev, seq, stream), leaf) in enumerate(zip(places, leaves, strict=True), first):
            version, head = known(stream, START)
            if int(seq) == version + 1 and unhexlify(prev) == head and stream not in early:
                heads[stream] = (version + 1, leaf)
            else:
                self._add(index, stream, int(seq), unhexlify(prev), leaf)

    def _add(self, index, stream, seq, prev, digest):
        version, head = self.heads.get(stream, START)
        if seq != version + 1:
            if seq <= version or seq in self.early.get(stream, ()):
                raise Broken(f"leaf {index}: {stream.decode()} has two entries {seq}")
            self.early.setdefault(stream, {})[seq] = (index, prev, digest)
            return
        self._link(index, stream, seq, prev, head, digest)
        waiting = self.early.get(stream, {})
        while seq + 1 in waiting:
            seq, head = seq + 1, digest
            index, prev, digest = waiting.pop(seq)
            self._link(index, stream, seq, prev, head, digest)
        if not waiting:
            self.early.pop(stream, None)

    def _link(self, index, stream, seq, prev, head, digest):
        if prev != head:
            raise Broken(f"leaf {index}: {stream.decode()} {seq}: prev: expected {head.hex()}, found {prev.hex()}")
        self.heads[stream] = (seq, digest)

    def done(self):
        for stream, waiting in self.early.items():
            raise Broken(
                f"{stream.decode()}: entry {self.heads.get(stream, START)[0] + 1} is missing; {len(waiting)} follow"
            )


class Booked:
    """The bookings book, summed from postings: by month, currency and unit, as it stood at a moment."""

    def __init__(self, until):
        self.until, self.sums = until, defaultdict(int)

    def add(self, said):
        if said["at"] > self.until:
            return
        for line in said["body"].get("postings", ()):
            if line["book"] == "bookings" and line["place"] == "booked":
                self.sums[line["period"][:7], line["unit"], line["currency"]] += line["amount"]


def key_of(text):
    name, identity, packed = text.strip().split("+", 2)
    raw = base64.b64decode(packed)
    known = sha256(name.encode() + b"\n" + raw).digest()[:4]
    if raw[:1] != b"\x01" or known.hex() != identity:
        raise Broken(f"{text}: no Ed25519 key under its own id")
    return name, known, Ed25519PublicKey.from_public_bytes(raw[1:])


def head_of(note, keys, place):
    """(size, root) of a note that one of the keys has signed."""
    text, _, tail = note.partition("\n\n")
    text += "\n"
    _, size, root = text.split("\n")[:3]
    for line in tail.splitlines():
        name, _, packed = line.removeprefix("— ").rpartition(" ")
        raw = base64.b64decode(packed)
        for known, identity, public in keys:
            if (known, identity) == (name, raw[:4]):
                try:
                    public.verify(raw[4:], text.encode())
                except InvalidSignature:
                    continue
                return int(size), base64.b64decode(root)
    raise Broken(f"{place}: signature: no trusted key has signed this head")


def heads(file, keys):
    """Signed heads in the order of their sizes."""
    before = 0
    with open(file, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            size, root = head_of(json.loads(line)["note"], keys, f"{file} line {number}")
            if size < before:
                raise Broken(f"{file} line {number}: a head of {size} after one of {before}")
            before = size
            yield size, root, f"{file} line {number}"


def no_repeats(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Broken("an envelope repeats a key")
    return value


def files(folder):
    """The files of entries in their order; at most a thousand names are in memory."""
    for part in sorted(folder.iterdir()):
        if part.is_dir():
            yield from files(part)
        else:
            yield part


def envelopes(data, file):
    """The entries of a file, each behind its length in two bytes; their leaf hashes; their ends."""
    found, leaves, tails = [], [], []
    at, end = 0, len(data)
    while at < end:
        start = at + 2
        at = start + (data[at] << 8) + data[at + 1]
        entry = data[start:at]
        found.append(entry)
        leaves.append(sha256(b"\x00" + entry).digest())
        tails.append(entry[entry.rfind(PREV) :])
    if at != end:
        raise Broken(f"{file}: the last entry is cut off")
    return found, leaves, tails


def places(entries, tails, first):
    """(prev, seq, stream) of each: cut out of canonical bytes, or read where one is written in another way."""
    cut = TAIL.findall(b"\n".join(tails))
    if len(cut) == len(entries):
        return cut
    said = [read(entry, index) for index, entry in enumerate(entries, first)]
    return [(one["prev"].encode(), one["seq"], one["stream"].encode()) for one in said]


def read(data, index):
    try:
        said = json.loads(data, object_pairs_hook=no_repeats)
    except ValueError as fault:
        raise Broken(f"leaf {index}: envelope: {fault}") from None
    if not isinstance(said, dict):
        raise Broken(f"leaf {index}: envelope: expected one object")
    return said


def verify(folder, keys, kept, booked=None, read_all=False):
    """Walks the bundle once; raises Broken. Returns (entries, heads, root)."""
    tree, chains, count = Tree(), Chains(), 0
    sources = [heads(folder / "checkpoints.jsonl", keys), *(heads(file, keys) for file in kept)]
    upcoming = [next(source, None) for source in sources]

    def check():
        """Every head of this size; returns the size of the next one."""
        nonlocal count
        for at, source in enumerate(sources):
            while upcoming[at] is not None and upcoming[at][0] == tree.size:
                _, root, where = upcoming[at]
                if root != tree.root():
                    raise Broken(f"{where}: root of {tree.size}: expected {root.hex()}, found {tree.root().hex()}")
                count, upcoming[at] = count + 1, next(source, None)
        return min((head[0] for head in upcoming if head is not None), default=0)

    wanted = check()
    for file in files(folder / "entries"):
        first = tree.size
        entries, leaves, tails = envelopes(file.read_bytes(), file)
        chains.add_all(first, places(entries, tails, first), leaves)
        for index, entry in enumerate(entries, first) if read_all or booked is not None else ():
            if read_all or POSTED in entry:
                said = read(entry, index)
                if booked is not None:
                    booked.add(said)
        if len(leaves) == FILE and not first % FILE and not first < wanted < first + FILE:
            tree.add_file(leaves)
            wanted = check() if tree.size == wanted else wanted
            continue
        for leaf in leaves:
            tree.add(leaf)
            if tree.size == wanted:
                wanted = check()
    chains.done()
    for head in upcoming:
        if head is not None:
            raise Broken(f"{head[2]}: a head of {head[0]} leaves, the bundle has {tree.size}")
    if not count:
        raise Broken("no signed head covers this bundle")
    return tree.size, count, tree.root()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--key", action="append", default=[], help="a public key that you trust; may be repeated")
    parser.add_argument("--checkpoints", action="append", default=[], type=Path, help="heads that you kept yourself")
    parser.add_argument("--booked-at", help="print what was booked at this moment (RFC 3339)")
    parser.add_argument("--read", action="store_true", help="read every envelope: one object each, no key repeated")
    wanted = parser.parse_args()
    gc.disable()  # nothing here refers to itself, and the heads of a million streams are slow to look through
    texts = wanted.key or (wanted.folder / "keys.txt").read_text(encoding="utf-8").split("\n")
    booked = None
    if wanted.booked_at:
        moment = datetime.fromisoformat(wanted.booked_at.replace("Z", "+00:00"))
        booked = Booked(int(moment.timestamp()) * 1_000_000 + moment.microsecond)
    try:
        keys = [key_of(text) for text in texts if text.strip()]
        size, count, root = verify(wanted.folder, keys, wanted.checkpoints, booked, wanted.read)
    except (Broken, ValueError, KeyError, OSError) as fault:
        print(f"BROKEN: {fault}")
        return 1
    print(f"{size:,} entries hold under {count:,} signed heads; the last root is {root.hex()}")
    if not wanted.key:
        print("The keys were taken from the bundle itself: compare them with what you know from elsewhere (--key).")
    if booked is not None:
        for (period, unit, currency), amount in sorted(booked.sums.items()):
            print(f"booked {period} {unit} {amount} minor units of {currency}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
