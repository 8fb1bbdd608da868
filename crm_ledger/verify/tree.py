"""Integrity of the tree: leaves and entries both ways, tiles, every signed head, and the heads kept outside."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from crm_ledger.verify.progress import Progress, Rest
from crm_ledger.verify.reading import CHUNK, Reader
from crm_ledger.verify.report import Report
from ledger.notify import checkpoints
from ledger.queries import keys
from ledger.rules import checkpoint
from ledger.rules.checkpoint import Key, NotANote
from ledger.rules.tiles import Edge, Tile

# Heads cover entries in the order of their transactions: what comes under a later head cannot be much older than
# the newest entry under the head before it. The tolerance leaves room for a long transaction.
LATE = timedelta(minutes=10)
# Numbers are given at the moment of an insert, and the trigger lets no entry be recorded more than 5 s away from that:
# a higher number with an earlier moment is back-dated, or the clock of the server was set back.
CLOCK = timedelta(minutes=1)
_LEAVES = """
SELECT l.idx, l.hash, l.entry_id, e.hash, e.recorded_at, e.stream || ' ' || e.seq
FROM ledger_leaf l LEFT JOIN ledger_entry e ON e.id = l.entry_id WHERE l.idx >= %s ORDER BY l.idx
"""
_SEALS = "SELECT size, root, note FROM ledger_seal WHERE size >= %s ORDER BY size"
_UNSEALED = """
SELECT e.id, e.stream || ' ' || e.seq, e.recorded_at,
    (e.xid, e.id) <= (s.last_xid, s.last_entry) OR e.id <= s.floor_entry,
    e.xid >= pg_snapshot_xmax(pg_current_snapshot())
        AND s.cluster = (SELECT system_identifier::text FROM pg_control_system())
FROM ledger_entry e CROSS JOIN (SELECT * FROM ledger_seal ORDER BY size DESC LIMIT 1) s
WHERE NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.entry_id = e.id) ORDER BY e.id
"""

# Sums add what lies behind the newest seal to what is sealed: what has a leaf and lies there too would count twice.
_TWICE = """
SELECT e.id, e.stream || ' ' || e.seq
FROM (SELECT * FROM ledger_seal ORDER BY size DESC LIMIT 1) s
    CROSS JOIN LATERAL ledger_unsealed(s.last_xid, s.last_entry, s.floor_entry) AS u (id)
    JOIN ledger_leaf l ON l.entry_id = u.id AND l.idx < s.size JOIN ledger_entry e ON e.id = u.id
ORDER BY e.id LIMIT 10
"""


class Head(NamedTuple):
    """A signed head, from the database (`inside`) or from outside."""

    size: int
    inside: bool
    note: str
    root: bytes | None = None


@dataclass(slots=True)
class TreePass:
    """Grows the tree again from its leaves and stops at every head on the way."""

    reader: Reader
    progress: Progress
    rest: Rest
    folders: list[Path] = field(default_factory=checkpoints.folders)
    waiting: list[bytes] = field(default_factory=list)
    start: int = 0  # leaves that an earlier part of this run has seen

    @property
    def report(self) -> Report:
        return self.progress.report

    @property
    def edge(self) -> Edge:
        return self.progress.edge

    def run(self) -> None:
        self.start = self.edge.size
        trusted = self._trusted()
        outside = [self._outside(folder / checkpoints.FILE) for folder in self.folders]
        heads = heapq.merge(self._inside(), *outside, key=lambda head: (head.size, not head.inside))
        upcoming = next(heads, None)
        for index, leaf, number, digest, at, place in self.reader.rows(_LEAVES, [self.start]):
            upcoming = self._heads_up_to(index, upcoming, heads, trusted)
            self._leaf(index, bytes(leaf), number, digest and bytes(digest), at, place)
        upcoming = self._heads_up_to(self.size, upcoming, heads, trusted)
        self._grow()
        while upcoming is not None:
            where = "the database" if upcoming.inside else ", ".join(map(str, self.folders))
            self._broken("checkpoint", f"at least {upcoming.size} leaves", f"{self.size} leaves", where)
            upcoming = next(heads, None)
        self._complete_tiles_only()
        self._unsealed()
        self.report.tree_size = self.size

    @property
    def size(self) -> int:
        return self.edge.size + len(self.waiting)

    def _heads_up_to(self, size: int, head: Head | None, heads: Iterator[Head], trusted: set[Key]) -> Head | None:
        while head is not None and head.size <= size:
            self._grow()
            self._head(head, trusted)
            head = next(heads, None)
        return head

    def _leaf(self, index: int, leaf: bytes, number: int, digest: bytes | None, at: Any, place: str | None) -> None:
        self.report["integrity"].checked += 1
        if index != self.size:
            self._broken("leaf idx", self.size, index, f"leaf {index}")
        if digest is None:
            self._broken("entry", f"entry {number} with hash {leaf.hex()}", None, f"leaf {index}", number)
        elif digest != leaf:
            self._broken("leaf hash", leaf.hex(), digest.hex(), f"leaf {index}, {place}", number)
        self._in_time(at, number, str(place))
        latest = self.progress.latest
        if at is not None and (latest is None or at > latest):
            self.progress.latest, self.progress.latest_entry = at, number
        self.waiting.append(leaf)
        if len(self.waiting) >= CHUNK:
            self._grow()
            self.rest()

    def _in_time(self, at: Any, number: int, place: str) -> None:
        latest = self.progress.latest
        if at is not None and latest is not None and number > self.progress.latest_entry and at < latest - CLOCK:
            early = f"not before {latest.isoformat()}, when entry {self.progress.latest_entry} was recorded"
            self._broken("recorded_at", early, at, place, number)
            return
        newest = self.progress.newest
        if at is not None and newest is not None and at < newest - LATE:
            early = f"not long before {newest.isoformat()}, which the head before covers"
            self._broken("recorded_at", early, at, place, number)

    def _grow(self) -> None:
        if not self.waiting:
            return
        complete, self.waiting = self.edge.extend(self.waiting), []
        if complete:
            self._tiles(complete)

    def _tiles(self, complete: list[Tile]) -> None:
        rows = self.reader.ask(
            "SELECT t.level, t.idx, t.hashes, t.root FROM ledger_tile t"
            " JOIN unnest(%s::int[], %s::bigint[]) AS wanted (level, idx) USING (level, idx)",
            [[tile.level for tile in complete], [tile.number for tile in complete]],
        )
        held = {(level, index): (bytes(hashes), bytes(root)) for level, index, hashes, root in rows}
        for tile in complete:
            found = held.get((tile.level, tile.number))
            if found != (tile.hashes, tile.root):
                place = f"tile {tile.number} of level {tile.level}"
                self._broken("tile", tile.root.hex(), found and found[1].hex(), place)

    def _complete_tiles_only(self) -> None:
        """No tile beyond the leaves."""
        level, wanted = 0, self.size // 256
        counts = dict(self.reader.ask("SELECT level, count(*) FROM ledger_tile GROUP BY level"))
        while wanted or counts.get(level):
            if counts.get(level, 0) != wanted:
                self._broken("tiles", wanted, counts.get(level, 0), f"ledger_tile level {level}")
            level, wanted = level + 1, wanted // 256

    def _head(self, head: Head, trusted: set[Key]) -> None:
        place = f"{'seal' if head.inside else 'published checkpoint'} of {head.size}"
        self.report["integrity"].checked += 1
        root = self.edge.root()
        if head.inside and head.root != root:
            self._broken("root", root.hex(), head.root and head.root.hex(), place)
        try:
            said = checkpoint.parse(head.note)
        except NotANote as fault:
            self._broken("checkpoint", "a signed note", str(fault), place)
            return
        if (said.size, said.root) != (head.size, root):
            self._broken("checkpoint root", f"{head.size} {root.hex()}", f"{said.size} {said.root.hex()}", place)
        if not said.signed_by(trusted):
            found = ", ".join(f"{line.name}+{line.key_id.hex()}" for line in said.signatures)
            wanted = ", ".join(sorted(f"{key.name}+{key.id.hex()}" for key in trusted)) or "a known key"
            self._broken("signature", f"by {wanted}", found, place)
        if head.inside:
            self.progress.newest = self.progress.latest

    def _inside(self) -> Iterator[Head]:
        for size, root, note in self.reader.rows(_SEALS, [self.start]):
            yield Head(size, True, note, bytes(root))

    def _outside(self, file: Path) -> Iterator[Head]:
        """Published checkpoints: the one thing here that no power over the database can change."""
        before = 0
        if not file.exists():
            return
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    said = json.loads(line)
                    head = Head(int(said["size"]), False, said["note"])
                except (ValueError, KeyError, TypeError):
                    if before >= self.start:
                        self._broken("checkpoint", "a line of JSON", line[:80], f"{file} line {number}")
                    continue
                if head.size < before:
                    if before >= self.start:
                        self._broken("checkpoint", f"at least {before} leaves", head.size, f"{file} line {number}")
                    continue
                before = head.size
                if head.size >= self.start:
                    yield head

    def _trusted(self) -> set[Key]:
        """Keys that the record announced; where keys are pinned outside the database, only those among them."""
        announced = keys.announced(retired=True)
        files = [file for folder in self.folders if (file := folder / checkpoints.KEYS).exists()]
        if not files:
            return announced
        lines = [line for file in files for line in file.read_text(encoding="utf-8").split("\n") if line]
        outside = {checkpoint.key_of(line) for line in lines}
        for key in announced - outside if not self.start else ():
            self._broken("signing key", "a key pinned outside the database", key.text(), str(files[0]))
        return announced & outside

    def _unsealed(self) -> None:
        for number, place, at, covered, to_come in self.reader.rows(_UNSEALED):
            if to_come:
                # No seal would ever take it: it pretends to be of a transaction that has not begun.
                self._broken("xid", "a transaction that has ended", "one to come", place, number)
            elif covered:
                self._broken("leaf", "a leaf, since a head covers its transaction", None, place, number)
            else:
                self.report.unsealed += 1
                self._in_time(at, number, place)

        for number, place in self.reader.rows(_TWICE):
            self._broken("last_entry", "a seal that stands behind its leaves", "one before them", place, number)

    def _broken(self, fact: str, expected: Any, found: Any, place: str, entry: int | None = None) -> None:
        self.report.at("integrity", fact, expected, found, place, entry)
