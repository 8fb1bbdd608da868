#!/usr/bin/env python3
"""Verifies a bundle of the record: one file, Python 3.11 and the package `cryptography`; no server, no database.

    python verify_bundle.py FOLDER --key NAME+ID+KEY [--checkpoints FILE] [--booked-at 2026-11-30T17:00:00Z]

Trust nothing that lies in the bundle but what is proven: give the public key as you know it from elsewhere, and the
checkpoints that you have kept yourself. Written apart from the product: it shares no line with it.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZEROS = "0" * 64


class Broken(Exception):
    """The first broken fact; the message names it."""


class Tree:
    """The right edge of a Merkle tree of RFC 6962: one hash for each bit of the size."""

    def __init__(self):
        self.size, self.edge = 0, []

    def add(self, leaf):
        number, below, edge, sha = self.size, leaf, self.edge, hashlib.sha256
        while number & 1:
            below = sha(b"\x01" + edge.pop() + below).digest()
            number >>= 1
        edge.append(below)
        self.size += 1

    def root(self):
        whole = None
        for left in reversed(self.edge):
            whole = left if whole is None else hashlib.sha256(b"\x01" + left + whole).digest()
        return whole


class Chains:
    """Streams: each entry names the hash of the one before it. Leaves may come in another order than a stream's own."""

    def __init__(self):
        self.heads, self.early = {}, defaultdict(dict)

    def add(self, index, stream, seq, prev, digest):
        version, head = self.heads.get(stream, (0, ZEROS))
        if seq != version + 1:
            if seq <= version or seq in self.early[stream]:
                raise Broken(f"leaf {index}: {stream} has two entries {seq}")
            self.early[stream][seq] = (index, prev, digest)
            return
        self._link(index, stream, seq, prev, head, digest)
        waiting = self.early.get(stream)
        while waiting and seq + 1 in waiting:
            seq, head = seq + 1, digest
            index, prev, digest = waiting.pop(seq)
            self._link(index, stream, seq, prev, head, digest)

    def _link(self, index, stream, seq, prev, head, digest):
        if prev != head:
            raise Broken(f"leaf {index}: {stream} {seq}: prev: expected {head}, found {prev}")
        self.heads[stream] = (seq, digest)

    def done(self):
        for stream, waiting in self.early.items():
            if waiting:
                raise Broken(f"{stream}: entry {self.heads.get(stream, (0,))[0] + 1} is missing")


class Booked:
    """The bookings book, summed from postings: by month, currency and unit, as it stood at a moment."""

    def __init__(self, until):
        self.until, self.sums = until, defaultdict(int)

    def add(self, said):
        if self.until is not None and said["at"] > self.until:
            return
        for line in said["body"].get("postings", ()):
            if line["book"] == "bookings" and line["place"] == "booked":
                self.sums[line["period"][:7], line["unit"], line["currency"]] += line["amount"]


def key_of(text):
    name, identity, packed = text.strip().split("+", 2)
    raw = base64.b64decode(packed)
    known = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
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


def envelopes(folder):
    for file in sorted((folder / "entries").rglob("*")):
        if file.is_file():
            data, at = file.read_bytes(), 0
            while at < len(data):
                end = at + 2 + int.from_bytes(data[at : at + 2], "big")
                yield data[at + 2 : end]
                at = end


def verify(folder, keys, kept, booked):
    """Walks the bundle once; raises Broken. Returns (entries, heads, root)."""
    tree, chains, count = Tree(), Chains(), 0
    sources = [heads(folder / "checkpoints.jsonl", keys), *(heads(file, keys) for file in kept)]
    upcoming = [next(source, None) for source in sources]

    def check():
        nonlocal count
        for at, source in enumerate(sources):
            while upcoming[at] is not None and upcoming[at][0] == tree.size:
                _, root, place = upcoming[at]
                if root != tree.root():
                    raise Broken(f"{place}: root of {tree.size}: expected {root.hex()}, found {tree.root().hex()}")
                count, upcoming[at] = count + 1, next(source, None)

    for index, data in enumerate(envelopes(folder)):
        leaf = hashlib.sha256(b"\x00" + data).digest()
        said = json.loads(data, object_pairs_hook=no_repeats)
        chains.add(index, said["stream"], said["seq"], said["prev"], leaf.hex())
        tree.add(leaf)
        booked.add(said)
        if any(head is not None and head[0] == tree.size for head in upcoming):
            check()
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
    wanted = parser.parse_args()
    texts = wanted.key or (wanted.folder / "keys.txt").read_text(encoding="utf-8").split("\n")
    until = None
    if wanted.booked_at:
        moment = datetime.fromisoformat(wanted.booked_at.replace("Z", "+00:00"))
        until = int(moment.timestamp()) * 1_000_000 + moment.microsecond
    booked = Booked(until)
    try:
        keys = [key_of(text) for text in texts if text.strip()]
        size, count, root = verify(wanted.folder, keys, wanted.checkpoints, booked)
    except (Broken, ValueError, KeyError, OSError) as fault:
        print(f"BROKEN: {fault}")
        return 1
    print(f"{size:,} entries hold under {count:,} signed heads; the last root is {root.hex()}")
    if not wanted.key:
        print("The keys were taken from the bundle itself: compare them with what you know from elsewhere (--key).")
    if wanted.booked_at:
        for (period, unit, currency), amount in sorted(booked.sums.items()):
            print(f"booked {period} {unit} {amount} minor units of {currency}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
