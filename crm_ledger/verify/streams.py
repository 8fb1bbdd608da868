"""The pass over all entries: chains and bytes (integrity), what they derive (completeness), who might (lawfulness)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crm_ledger.verify import pools, rights, stops, tables
from crm_ledger.verify.erasures import Erased
from crm_ledger.verify.fold import GOALS, Judge, Stream
from crm_ledger.verify.progress import Progress, Rest
from crm_ledger.verify.reading import Reader, unique
from crm_ledger.verify.report import Name
from governance.commands import evidence_store
from governance.rules import alert_replay as alerts
from governance.rules import break_replay as breaks
from governance.rules import deadline_replay as deadlines
from governance.rules import evidence as evidence_rules
from governance.rules import handshake as handshakes
from governance.rules import hold_replay as holds
from governance.rules import lawful as duties
from governance.rules import target_replay as goals
from governance.rules import touchpoint as touchpoints
from governance.rules import waiver_replay as waivers
from ledger.rules.replay import Entry
from pipeline.rules import lawful as gates
from reporting.rules import sharing
from reporting.rules.forecast import months
from reporting.rules.forecast import submitting as forecasts

Private = Mapping[str, Mapping[str, str]]
# What reading altered bytes, or columns that were moved about, ends in: a broken fact, and never the end of a run.
SENSELESS = (LookupError, ValueError, TypeError, AttributeError, AssertionError, ArithmeticError)
_PRIVATE = "SELECT subject, id::text, salt, value FROM ledger_private_value WHERE subject = ANY (%s)"
_KEPT = """
SELECT sha256 FROM governance_evidence WHERE sha256 = ANY (%(digests)s) AND kind = 'file' AND (name <> '' OR EXISTS
    (SELECT FROM ledger_outbox WHERE topic = 'list-erasure'))
"""
_EVIDENCE = """
SELECT e.id, e.kind, e.sha256, e.value, m.stream, m.key, e.kind, e.size, e.added_by_id, e.added_at
FROM governance_evidence e JOIN governance_milestone m ON m.id = e.milestone_id WHERE e.id = ANY (%s)
"""
_EVIDENCE_OF = """
SELECT m.stream, e.id FROM governance_milestone m JOIN governance_evidence e ON e.milestone_id = m.id
WHERE m.stream = ANY (%s) ORDER BY e.id
"""
_MOVES = {
    *gates.DECISIONS, *duties.JUDGED, *duties.STEPS, *rights.JUDGED, *waivers.KINDS, *holds.OF_DEAL, *handshakes.KINDS,
    *forecasts.KINDS, *deadlines.KINDS,
}  # fmt: skip


class Pass:
    """Walks chunks of entries. Only streams of the present chunk are in memory."""

    def __init__(self, reader: Reader, progress: Progress, judge: Judge, rest: Rest, erased: Erased) -> None:
        self.reader, self.progress, self.report, self.judge = reader, progress, progress.report, judge
        self.rest, self.erased = rest, erased
        self.stream: Stream | None = None
        self.done: list[Stream] = []
        self.added: set[Any] = set()  # evidence that the streams in memory speak of

    def walk(self, which: str) -> None:
        for chunk, whole in self.reader.entries(which, self.progress.after):
            texts = self._private(chunk)
            self._evidence(chunk)
            for entry in chunk:
                self._entry(entry, texts)
            if whole and self.stream is not None:
                self.done.append(self.stream)
                self.stream = None
            self._flush(chunk)
            if whole:
                self.progress.after = chunk[-1].stream
                self.rest()

    def _entry(self, entry: Entry, texts: Private) -> None:
        report = self.report
        if self.stream is None or self.stream.id != entry.stream:
            if self.stream is not None:
                self.done.append(self.stream)
            self.stream = Stream(entry.stream)
        stream = self.stream
        report.entries += 1
        report["integrity"].checked += 1
        for fact, expected, found in stream.chain.deviations(entry):
            report.broken("integrity", fact, expected, found, entry)
        if not entry.said:
            return
        try:
            self._meaning(stream, entry, texts.get(entry.stream, {}))
            stream.take(entry)
        except SENSELESS as error:
            # Bytes that say something else than an entry of their kind would: named, and the walk goes on.
            report.broken(
                "completeness", "body", f"what a {entry.kind} says", f"{type(error).__name__}: {error}", entry
            )

    def _meaning(self, stream: Stream, entry: Entry, private: Mapping[str, str]) -> None:
        report = self.report
        report["completeness"].checked += 1
        if entry.stream.startswith("alert/"):
            report["lawfulness"].checked += 1
            for fact, expected, found in alerts.act(stream.alert, entry, self.judge.organisation):
                report.broken("lawfulness", fact, expected, found, entry)
            return
        if entry.stream.startswith("break/"):
            report["lawfulness"].checked += 1
            for fact, expected, found in breaks.act(stream.broken, entry):
                report.broken("lawfulness", fact, expected, found, entry)
            return
        if entry.kind in holds.OF_ACCOUNT:
            report["lawfulness"].checked += 1
            for fact, expected, found in holds.on_account(entry, self.judge.organisation, stream.holds):
                report.broken("lawfulness", fact, expected, found, entry)
        if entry.kind in touchpoints.KINDS:
            report["lawfulness"].checked += 1
            for fact, expected, found in touchpoints.act(entry, self.judge.organisation, stream.touchpoints):
                report.broken("lawfulness", fact, expected, found, entry)
        if entry.stream.startswith("sharing/"):
            report["lawfulness"].checked += 1
            seats = self.judge.organisation.seats_of(entry.actor, entry.recorded_at)
            for fact, expected, found in sharing.deviations(stream.shared.now, entry, seats):
                report.broken("lawfulness", fact, expected, found, entry)
            return
        if entry.stream.startswith("forecast/"):
            report["lawfulness"].checked += 1
            for fact, expected, found in months.deviations(entry, self.judge.organisation, self.judge.company.timezone):
                report.broken("lawfulness", fact, expected, found, entry)
            return
        if entry.stream.startswith(GOALS):
            report["lawfulness"].checked += 1
            seats = self.judge.organisation.seats_of(entry.actor, entry.recorded_at)
            for fact, expected, found in goals.act(stream.goal, entry, seats):
                report.broken("lawfulness", fact, expected, found, entry)
            return
        if not entry.stream.startswith("deal/"):
            for fact, expected, found in self.judge.organisation.deviations(entry):
                verdict: Name = "lawfulness" if fact == "ceiling" else "completeness"
                report.broken(verdict, fact, expected, found, entry)
            return
        if entry.after is not None:
            for fact, expected, found in self.judge.derived(stream, entry, private):
                report.broken("completeness", fact, expected, found, entry)
        for fact, expected, found in self.judge.varied(stream, entry, private):
            report.broken("completeness", fact, expected, found, entry)
        if entry.after is not None or entry.kind in _MOVES:
            report["lawfulness"].checked += 1
            for fact, expected, found in self.judge.lawful(stream, entry, private):
                report.broken("lawfulness", fact, expected, found, entry)

    def _flush(self, chunk: list[Entry]) -> None:
        """Compares what the chunk derives with the tables."""
        report = self.report
        for found, entry in tables.of_entries(self.reader, chunk):
            report.differs(found, entry)
        for found, stream in tables.of_streams(self.reader, self.done):
            report.differs(found, stream.last or stream.id)
        pools.deals(report, self.judge.organisation.capacity, self.done)
        stops.deals(report, self.judge.organisation.holds, self.done)
        for stream_id, number in self.reader.ask(_EVIDENCE_OF, [[stream.id for stream in self.done]]):
            if number not in self.added:
                report.broken("completeness", "evidence", "a row that an entry added", number, stream_id)
        report["completeness"].checked += len(self.done)
        self.added = set() if self.stream is None else self.added
        self.done = []

    def _private(self, chunk: list[Entry]) -> Private:
        """Erasable texts of the streams of a chunk, each held against its commitment."""
        found: dict[str, dict[str, str]] = {}
        salts: dict[str, bytes] = {}
        for subject, identity, salt, value in self.reader.ask(_PRIVATE, [unique(entry.stream for entry in chunk)]):
            found.setdefault(subject, {})[identity] = value
            salts[identity] = bytes(salt)
        for entry in chunk:
            for piece in entry.said.get("private", ()):
                value = found.get(entry.stream, {}).get(piece["id"])
                if (value is None) != (piece["id"] in self.erased.values):
                    expected, there = ("a text", None) if value is None else ("nothing: it was erased", "a text")
                    self.report.broken("completeness", f"private {piece['name']}", expected, there, entry)
                if value is not None:
                    mac = hmac.new(salts[piece["id"]], value.encode(), hashlib.sha256).hexdigest()
                    if mac != piece["mac"]:
                        self.report.broken("integrity", f"private {piece['name']}", piece["mac"], mac, entry)
        return found

    def _kept(self, digests: list[str]) -> set[str]:
        """Those that other evidence still has, or whose removal the worker has not come to yet."""
        return {row[0] for row in self.reader.ask(_KEPT, {"digests": digests})} if digests else set()

    def _evidence(self, chunk: list[Entry]) -> None:
        """Evidence as it lies there now, held against the hash that was recorded."""
        added = [entry for entry in chunk if entry.kind == "evidence.added" and entry.said]
        if not added:
            return
        rows = self.reader.ask(_EVIDENCE, [[entry.body.get("evidence_id") for entry in added]])
        known = {row[0]: row[1:] for row in rows}
        kept = self._kept([row[2] for row in rows if row[0] in self.erased.evidence])
        for entry in added:
            expected = entry.said["evidence"][0]
            row = known.get(entry.body.get("evidence_id"))
            self.added.add(entry.body.get("evidence_id"))
            if row is None:
                self.report.broken("integrity", "evidence", expected, None, entry)
                continue
            kind, digest, value, *held_by = row
            self._belongs(entry, held_by)
            if entry.body["evidence_id"] in self.erased.evidence:
                if (digest, value) != (expected, ""):
                    self.report.broken("completeness", "evidence", "erased, with its hash", digest, entry)
                elif kind == "file" and expected not in kept and evidence_store.path_of(expected).exists():
                    self.report.broken("completeness", "evidence", "a file that is gone", "it is there", entry)
                continue
            held = digest
            if kind != "file":
                held = evidence_rules.digest(kind, value)
            elif not evidence_store.is_intact(expected):
                held = "a file with another content, or none"
            if digest != expected or held != expected:
                self.report.broken("integrity", "evidence", expected, held if held != expected else digest, entry)

    def _belongs(self, entry: Entry, row: list[Any]) -> None:
        """To the milestone that the entry names, of the sort and size that it says, added by whoever acted, just then:
        the entries of an act are microseconds apart."""
        body, at = entry.body, row.pop()
        if not timedelta(0) <= entry.recorded_at - at < timedelta(seconds=1):
            self.report.broken("completeness", "evidence added_at", entry.recorded_at, at, entry)
        said = (entry.stream, body.get("key"), body.get("evidence_kind"), body.get("size"), entry.actor)
        for fact, expected, found in zip(("stream", "milestone", "kind", "size", "added_by"), said, row, strict=True):
            if expected != found:
                self.report.broken("completeness", f"evidence {fact}", expected, found, entry)
