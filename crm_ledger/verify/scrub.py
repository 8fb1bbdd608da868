"""Integrity in statements of the database: every hash, every link, every leaf, every head of a stream.

First sums that need no order, in memory that does not grow: whether all of it holds. Only where it does not, the exact
questions, which say where. It trusts the database to compute and names what is broken no finer than by entry and fact;
`verify_ledger` without `--scrub` reads the same bytes apart from it, and judges what they mean.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from crm_ledger.verify.reading import Reader, snapshot
from ledger.rules.envelope import parse

# Each entry gives its hash to the place behind it in its stream, and takes its link from its own place; the head of a
# stream takes what the last one gives. Where links and heads hold, each place takes what it was given, so the sums over
# all are equal. PostgreSQL hashes a place and what is given there to a number, with a key that is drawn for this run
# alone: nobody who changed something could know it, so changes cancel out as seldom as a number of 64 bits is guessed.
# Leaves are compared with their entries in the same way; what no seal covers yet has none.
_GIVEN = """
SELECT count(*) FILTER (WHERE NOT intact),
    coalesce(sum(hashtextextended(own, place # (seq + 1)))
        - sum(hashtextextended(encode(prev, 'escape'), place # seq)), 0),
    coalesce(sum(hashtextextended(own, %(key)s # id)), 0)
FROM (
    SELECT id, place, seq, own, intact, substr(tail, position('\\x2c2270726576223a22'::bytea IN tail) + 9, 64) AS prev
    FROM (
        SELECT id, hashtextextended(stream, %(key)s) AS place, seq::bigint AS seq, encode(hash, 'hex') AS own,
            sha256('\\x00'::bytea || envelope) = hash AS intact,
            substr(envelope, greatest(octet_length(envelope) - 399, 1)) AS tail
        FROM ledger_entry OFFSET 0
    ) AS ends OFFSET 0
) AS cut
"""
_TAKEN = """
WITH last AS (SELECT last_xid, last_entry, floor_entry FROM ledger_seal ORDER BY size DESC LIMIT 1)
SELECT 0, (
    SELECT coalesce(sum(hashtextextended(encode(head, 'hex'), place # (version + 1)))
        - sum(hashtextextended(repeat('0', 64), place # 1)), 0)
    FROM (SELECT hashtextextended(id, %(key)s) AS place, head, version::bigint AS version FROM ledger_stream) AS streams
), (
    SELECT coalesce(sum(hashtextextended(encode(hash, 'hex'), %(key)s # entry_id)), 0) FROM ledger_leaf
) + (
    SELECT coalesce(sum(hashtextextended(encode(e.hash, 'hex'), %(key)s # e.id)), 0)
    FROM ledger_unsealed(coalesce((SELECT last_xid FROM last), '0'), coalesce((SELECT last_entry FROM last), 0),
        coalesce((SELECT floor_entry FROM last), 0)) AS unsealed (id) JOIN ledger_entry e ON e.id = unsealed.id
)
"""
# The end of an envelope holds `,"prev":"…"`, and it is found by its bytes; where that is not so, `_EXACT` reads the
# envelope as JSON. What is narrow goes on from there: links need the order of a stream, envelopes do not.
_SUSPECT = """
WITH cut AS (
    SELECT id, stream, seq, hash, intact, substr(tail, position('\\x2c2270726576223a22'::bytea IN tail) + 9, 64) AS prev
    FROM (
        SELECT id, stream, seq, hash, sha256('\\x00'::bytea || envelope) = hash AS intact,
            substr(envelope, greatest(octet_length(envelope) - 399, 1)) AS tail
        FROM ledger_entry OFFSET 0
    ) AS ends OFFSET 0
), links AS (
    SELECT id, seq, hash, intact, prev, lag(hash) OVER stream AS before, lag(seq) OVER stream AS seq_before
    FROM cut WINDOW stream AS (PARTITION BY stream ORDER BY seq)
)
SELECT coalesce(k.id, -l.idx) FROM links k FULL JOIN ledger_leaf l ON l.entry_id = k.id
WHERE k.id IS NULL OR NOT k.intact OR k.seq <> coalesce(k.seq_before, 0) + 1
   OR convert_from(k.prev, 'LATIN1') <> coalesce(encode(k.before, 'hex'), repeat('0', 64)) OR l.hash <> k.hash
ORDER BY 1 LIMIT %s
"""
_EXACT = """
SELECT e.id, e.stream || ' ' || e.seq, encode(sha256('\\x00'::bytea || e.envelope), 'hex'), encode(e.hash, 'hex'),
    coalesce(encode(b.hash, 'hex'), repeat('0', 64)), e.envelope,
    (SELECT count(*) + 1 FROM ledger_entry o WHERE o.stream = e.stream AND o.seq < e.seq), e.seq, encode(l.hash, 'hex')
FROM ledger_entry e
LEFT JOIN ledger_entry b ON b.stream = e.stream AND b.seq = e.seq - 1
LEFT JOIN ledger_leaf l ON l.entry_id = e.id WHERE e.id = ANY (%s) ORDER BY e.id
"""
# Holes between leaves and sealed places without a leaf; heads that are not the last entry.
_PLACES = (
    ("leaf idx", "SELECT 'ledger_leaf' FROM ledger_leaf HAVING count(*) <> coalesce(max(idx), -1) + 1"
     " OR count(*) <> coalesce((SELECT max(size) FROM ledger_seal), 0)"),
)  # fmt: skip
_HEADS = (
    ("head", "SELECT 'ledger_stream ' || s.id FROM ledger_stream s LEFT JOIN ledger_entry e"
     " ON (e.stream, e.seq) = (s.id, s.version) WHERE e.hash IS DISTINCT FROM s.head ORDER BY s.id LIMIT 1"),
)  # fmt: skip
MOST = 100


class Broken(NamedTuple):
    place: str
    fact: str
    expected: str | None = None
    found: str | None = None
    entry: int | None = None

    def __str__(self) -> str:
        told = f": expected {self.expected}, found {self.found}" if self.expected else ""
        return f"{f'entry {self.entry} ({self.place})' if self.entry else self.place}: {self.fact}{told}"


def scrub(using: str = "default") -> list[Broken]:
    """What is broken, at most a hundred entries; empty when every hash, link, leaf and head holds."""
    with snapshot(using) as reader:
        if _holds(reader):
            return _elsewhere(reader, _PLACES)
        reader.ask("SELECT set_config('work_mem', '256MB', true)")
        return [*_entries(reader), *_elsewhere(reader, (*_PLACES, *_HEADS))]


def _holds(reader: Reader) -> bool:
    said = {"key": secrets.randbits(63)}
    return next(iter(reader.ask(_GIVEN, said))) == next(iter(reader.ask(_TAKEN, said)))


def _entries(reader: Reader) -> list[Broken]:
    suspect = [row[0] for row in reader.ask(_SUSPECT, [MOST])]
    found = [Broken(f"leaf {-number}", "entry", "an entry", "none") for number in suspect if number <= 0]
    for number, place, digest, held, before, envelope, place_of, seq, leaf in reader.ask(_EXACT, [suspect]):
        prev = _prev(bytes(envelope))
        facts = (("hash", digest, held), ("prev", before, prev), ("seq", place_of, seq), ("leaf hash", leaf, held))
        found += [
            Broken(place, fact, str(expected), str(has), number)
            for fact, expected, has in facts
            if expected is not None and expected != has
        ]
    return found


def _prev(envelope: bytes) -> str:
    try:
        return str(parse(envelope)["prev"])
    except (ValueError, LookupError, TypeError):
        return "bytes that are no envelope"


def _elsewhere(reader: Reader, questions: Sequence[tuple[str, str]]) -> list[Broken]:
    return [Broken(place, fact) for fact, question in questions for (place,) in reader.ask(question)]
