"""The only writer of the record."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from ledger import dispatch
from ledger.queries import periods, prepared, sealed_sums
from ledger.rules import closed as closing
from ledger.rules import envelope, kinds, postings
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.closed import Closed
from ledger.transactions import step

_WRITE = """
INSERT INTO ledger_entry (envelope)
SELECT bytes FROM unnest(%s::bytea[]) WITH ORDINALITY AS given (bytes, place) ORDER BY place
RETURNING id
"""
# The same with what leaves the house and what may be erased, in one statement.
_WRITE_WITH = """
WITH written AS (
    INSERT INTO ledger_entry (envelope)
    SELECT bytes FROM unnest(%s::bytea[]) WITH ORDINALITY AS given (bytes, place) ORDER BY place
    RETURNING id, kind
), leaving AS (
    INSERT INTO ledger_outbox (entry_id, topic)
    SELECT written.id, line.topic FROM written JOIN unnest(%s::text[], %s::text[]) AS line (kind, topic) USING (kind)
), kept AS (
    INSERT INTO ledger_private_value (id, subject, salt, value)
    SELECT * FROM unnest(%s::text[]::uuid[], %s::text[], %s::bytea[], %s::text[])
)
SELECT id FROM written ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry will say. Its postings stand in the months in which they are true; what lies in a closed one is
    posted to the first open month.

    `private` texts stay outside the hashed bytes, which hold a commitment to each. A value may be a pair
    (id, text) when the body itself names the id. `ahead` is what was asked ahead for its reactions, see
    ledger/dispatch.py.
    """

    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)
    postings: Sequence[postings.Posting] = ()
    effective: datetime | None = None
    evidence: Sequence[str] = ()
    private: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)
    policy: int | None = None
    ahead: str | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry as it was written."""

    id: int
    stream: str
    seq: int
    kind: str
    at: datetime
    body: Mapping[str, Any]
    ahead: str | None = None


@step
def lock(stream: str) -> Chain:
    """Locks the head of a stream; a stream that does not exist yet has version 0."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version, head, at, now FROM ledger_lock(%s)", [stream])
        version, head, at, now = cursor.fetchone()
    return Chain(stream, version or 0, bytes(head) if head else envelope.ZERO_HASH, at, now)


@step
def lock_many(streams: Sequence[str]) -> list[Chain]:
    """Locks the heads of many streams in the order of their names, in one statement; so two of these never wait
    for each other in a circle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT given.stream, held.version, held.head, held.at, held.now"
            " FROM unnest(%s::text[]) AS given (stream), LATERAL ledger_lock(given.stream) AS held",
            [sorted(set(streams))],
        )
        rows = cursor.fetchall()
    return [
        Chain(stream, version or 0, bytes(head) if head else envelope.ZERO_HASH, at, now)
        for stream, version, head, at, now in rows
    ]


@step
def append(chain: Chain, *drafts: Draft, by: Actor) -> list[Appended]:
    """Writes the drafts to a locked stream in order, then runs the reactions to them in the same transaction."""
    return append_many([(chain, drafts)], by=by)


Batch = Sequence[tuple[Chain, Sequence[Draft]]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Entries as the bytes that they will be, and what is written beside them."""

    entries: list[tuple[Chain, Draft, int, datetime]]
    envelopes: list[bytes]
    private: list[tuple[str, str, bytes, str]]


@step
def append_many(batch: Batch, *, by: Actor) -> list[Appended]:
    """Entries of several locked streams in one statement."""
    return write(prepare(batch, _closed(batch), by=by), by=by)


def prepare(batch: Batch, closed: Closed, *, by: Actor) -> Prepared:
    """Puts drafts into bytes, each after the one before it in its stream. Asks nothing of the database."""
    written: list[tuple[Chain, Draft, int, datetime]] = []
    envelopes: list[bytes] = []
    private: list[tuple[str, str, bytes, str]] = []
    for chain, drafts in batch:
        for draft in drafts:
            commitments = _commit(chain.stream, draft.private, private)
            at = chain.next_moment()
            data = _envelope(chain, draft, at, commitments, by, closed)
            envelopes.append(data)
            chain.version += 1
            chain.head = envelope.entry_hash(data)
            chain.at = at
            written.append((chain, draft, chain.version, at))
    return Prepared(written, envelopes, private)


@step
def write(given: Prepared, *, by: Actor) -> list[Appended]:
    """Writes what was prepared, then runs the reactions to it in the same transaction."""
    written = given.entries
    if not written:
        return []
    ids = _write(given.envelopes, {draft.kind for _, draft, _, _ in written}, given.private)
    sealed_sums.written()
    reactions = dispatch.reactions()
    entries = []
    gathered: dict[dispatch.Gathering, list[tuple[Appended, Chain]]] = {}
    for (chain, draft, seq, at), entry_id in zip(written, ids, strict=True):
        appended = Appended(entry_id, chain.stream, seq, draft.kind, at, draft.body, draft.ahead)
        entries.append(appended)
        for reaction in reactions.get(draft.kind, ()):
            if (many := dispatch.gathering(reaction)) is not None:
                gathered.setdefault(many, []).append((appended, chain))
            else:
                reaction(appended, chain, by=by)
    for gathering, pairs in gathered.items():
        gathering(pairs, by=by)
    return entries


def _write(
    envelopes: list[bytes], kinds_written: Iterable[str], private: Sequence[tuple[str, str, bytes, str]]
) -> list[int]:
    """The ids of the entries, in the order of the envelopes."""
    leaving = [(kind, topic) for kind in kinds_written for topic in dispatch.topics().get(kind, ())]
    if leaving or private:
        lines = [[line[at] for line in leaving] for at in range(2)]
        kept = [[row[at] for row in private] for at in range(4)]
        written = prepared.rows(_WRITE_WITH, [envelopes, *lines, *kept])
    else:
        written = prepared.rows(_WRITE, [envelopes])
    return sorted(row[0] for row in written)


def _closed(batch: Batch) -> Closed:
    """Asked only where something may lie in a closed month, which is seldom."""
    late = any(closing.may_lie_in_a_closed_month(d.postings, chain.now) for chain, drafts in batch for d in drafts)
    return periods.closed() if late else {}


def _envelope(
    chain: Chain, draft: Draft, at: datetime, commitments: Sequence[Mapping[str, str]], by: Actor, closed: Closed
) -> bytes:
    if draft.kind not in kinds.KINDS:
        raise ValueError(f"the record has no kind {draft.kind}; add it to ledger/rules/kinds.py")
    crooked = postings.imbalance(draft.postings)
    if crooked:
        raise ValueError(f"postings do not sum to zero: {crooked}")
    body = dict(draft.body)
    if draft.postings:
        body["postings"] = [line.as_body() for line in closing.carried(draft.postings, closed, at)]
    return envelope.canonical(
        {
            "v": 1,
            "stream": chain.stream,
            "seq": chain.version + 1,
            "prev": chain.head.hex(),
            "kind": draft.kind,
            "at": at,
            "effective": draft.effective or at,
            "actor": by.person,
            "on_behalf": by.on_behalf,
            "channel": by.channel,
            "policy": draft.policy,
            "request": by.request,
            "body": body,
            "evidence": list(draft.evidence),
            "private": commitments,
        }
    )


def _commit(
    subject: str, texts: Mapping[str, str | tuple[str, str]], rows: list[tuple[str, str, bytes, str]]
) -> list[dict[str, str]]:
    commitments = []
    for name, given in texts.items():
        key, text = given if isinstance(given, tuple) else (str(uuid.uuid4()), given)
        if not text:
            continue
        value, salt = envelope.domain(text, f"/{name}"), secrets.token_bytes(32)
        rows.append((key, subject, salt, value))
        mac = hmac.new(salt, value.encode(), hashlib.sha256).hexdigest()
        commitments.append({"id": key, "name": name, "mac": mac})
    return commitments
