"""Reads the record again from its bytes: chains, standings and postings as they follow from entries alone.

Written apart from the triggers and commands that made them, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from ledger.rules.envelope import ZERO_HASH, entry_hash, moment, parse
from ledger.rules.kinds import KINDS
from ledger.rules.standing import Standing, marked


class Deviation(NamedTuple):
    """A fact that is not as it should be."""

    fact: str
    expected: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the record; `said` is parsed from the bytes, all else is what the columns claim."""

    id: int
    stream: str
    seq: int
    kind: str
    actor: int
    recorded_at: datetime
    effective_at: datetime
    stage: str | None
    amount_minor: int | None
    currency: str | None
    owner: int | None
    envelope: bytes
    hash: bytes
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> Mapping[str, Any]:
        body: Mapping[str, Any] = self.said["body"]
        return body

    @property
    def after(self) -> Mapping[str, Any] | None:
        return self.body.get("after")


_FIELDS = {
    "v": int, "stream": str, "seq": int, "prev": str, "kind": str, "at": int, "effective": int, "actor": int,
    "channel": str, "request": str, "body": dict, "evidence": list, "private": list,
}  # fmt: skip


def read(*columns: Any) -> Entry:
    """An entry from the columns in the order of its fields. Bytes that are no envelope leave `said` empty: whoever
    goes on with it need not doubt that the fields are there."""
    entry = Entry(*columns)
    try:
        said = parse(entry.envelope)
    except (ValueError, RecursionError):
        return entry
    return replace(entry, said=said) if _is_an_envelope(said) else entry


def _is_an_envelope(said: Any) -> bool:
    return (
        isinstance(said, dict)
        and said.keys() == {*_FIELDS, "on_behalf", "policy"}
        and all(isinstance(said[name], sort) for name, sort in _FIELDS.items())
        and isinstance(said["body"].get("after", {}), dict)
        and all(isinstance(digest, str) for digest in said["evidence"])
        and all(isinstance(piece, dict) and piece.keys() == {"name", "id", "mac"} for piece in said["private"])
    )


@dataclass(slots=True)
class Chain:
    """The head of a stream after the entries seen so far."""

    version: int = 0
    head: bytes = ZERO_HASH
    at: datetime | None = None

    def deviations(self, entry: Entry) -> Iterator[Deviation]:
        """What is wrong with the next entry of this stream: bytes, columns, place and time; then moves on."""
        digest = entry_hash(entry.envelope)
        if digest != entry.hash:
            yield Deviation("hash", digest.hex(), entry.hash.hex())
        if not entry.said:
            yield Deviation("envelope", "one JSON object with its fields", f"{len(entry.envelope)} other bytes")
        else:
            yield from _columns(entry)
            if entry.said["prev"] != self.head.hex():
                yield Deviation("prev", self.head.hex(), entry.said["prev"])
        if entry.seq != self.version + 1:
            yield Deviation("seq", self.version + 1, entry.seq)
        if self.at is not None and entry.recorded_at <= self.at:
            yield Deviation("recorded_at", f"later than {self.at.isoformat()}", entry.recorded_at.isoformat())
        self.version, self.head, self.at = entry.seq, digest, entry.recorded_at


def _columns(entry: Entry) -> Iterator[Deviation]:
    said, after = entry.said, entry.after or {}
    claims = {
        "stream": (said["stream"], entry.stream),
        "seq": (said["seq"], entry.seq),
        "kind": (said["kind"], entry.kind),
        "actor": (said["actor"], entry.actor),
        "recorded_at": (moment(said["at"]), entry.recorded_at),
        "effective_at": (moment(said["effective"]), entry.effective_at),
        "stage": (after.get("stage"), entry.stage),
        "amount_minor": (after.get("amount_minor"), entry.amount_minor),
        "currency": (after.get("currency"), entry.currency),
        "owner": (after.get("owner"), entry.owner),
    }
    for name, (expected, found) in claims.items():
        if expected != found:
            yield Deviation(f"column {name}", str(expected), str(found))
    if entry.kind not in KINDS:
        yield Deviation("kind", "a kind of ledger/rules/kinds.py", entry.kind)


class Held(NamedTuple):
    """A standing with the sort of requirement that it is for."""

    requirement: str
    standing: Standing


def standing(entry: Entry, was: Held | None) -> Held | None:
    """What an entry makes of the requirement key that it names; None when its kind has no effect."""
    kind = KINDS.get(entry.kind)
    if kind is not None and kind.mark and was is not None:
        due = _moment(entry.body.get("due"))
        return Held(was.requirement, marked(was.standing, kind.mark, entry.recorded_at, due))
    if kind is None or kind.effect is None:
        return None
    body = entry.body
    old = was.standing if was else None
    start_by, due, valid = (_moment(body.get(name)) for name in ("start_by", "due", "valid_until"))
    anew = old is None or kind.status == "planned"
    fresh = Standing(
        key=body["key"],
        effect=kind.effect,
        status=kind.status,
        entry_id=entry.id,
        actor=entry.actor,
        at=entry.recorded_at,
        function=body.get("function") or (old.function if old else ""),
        preparer=entry.actor if kind.status == "submitted" else old.preparer if old else None,
        start_by=start_by or (old.start_by if old else None),
        due_at=due or (old.due_at if old else None),
        valid_until=valid,
        facts=body.get("facts", old.facts if old else {}),
        first_due_at=due if anew else old.first_due_at if old else None,
        late_at=None if anew or old is None else old.late_at,
        missed_at=None if anew or old is None else old.missed_at,
    )
    return Held(was.requirement if was else body["requirement"], fresh)


def undone(before: Held, now: Held) -> Held:
    """What undoing a decision makes of a standing: as `before` it, with what time has noted since."""
    was, marks = before.standing, now.standing
    kept = replace(was, due_at=marks.due_at, late_at=marks.late_at, missed_at=marks.missed_at)
    return Held(before.requirement, kept)


def _moment(us: int | None) -> datetime | None:
    return None if us is None else moment(us)


PostingRow = tuple[str, str, date, str, int | None, int | None, int, str | None, str, date | None]


def postings(entry: Entry) -> list[PostingRow]:
    """(book, place, period, unit, deal, seat, amount, currency, cause, relates_to) of each posting in the bytes."""
    return [
        (
            line["book"], line["place"], date.fromisoformat(line["period"]), line["unit"], line["deal"], line["seat"],
            line["amount"], line["currency"], line["cause"],
            date.fromisoformat(line["relates_to"]) if "relates_to" in line else None,
        )
        for line in entry.body.get("postings", ())
    ]  # fmt: skip
