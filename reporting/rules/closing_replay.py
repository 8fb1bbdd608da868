"""Periods as the record alone says they are, and what was not lawful in their closing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ledger.rules.replay import Deviation, Entry
from pipeline.rules.replay import Organisation
from reporting.rules import closing

_OWN = {"period.prepared": "finance", "period.closed": "finance"}


@dataclass(slots=True)
class Held:
    """A row of `ledger_period`."""

    stream: str
    prepared_by: int
    prepared_at: datetime
    figures: str
    entry_id: int
    state: str = "soft-closed"
    signatures: dict[str, int] = field(default_factory=dict)
    closed_by: int | None = None
    closed_at: datetime | None = None
    version: int = 0
    restated_figures: str | None = None
    restating: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Periods:
    """Grows with months. `acts` pairs each entry with what it found, to be judged once all seats are known."""

    held: dict[date, Held] = field(default_factory=dict)
    closed: dict[date, datetime] = field(default_factory=dict)
    snapshots: list[tuple[Any, ...]] = field(default_factory=list)
    acts: list[tuple[Entry, list[Deviation]]] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        if not entry.stream.startswith("period/"):
            return
        month = date.fromisoformat(entry.stream.split("/")[1] + "-01")
        was = self.held.get(month)
        self.acts.append((entry, list(_wrong(was, entry))))
        self.held[month] = self._after(was, month, entry)

    def _after(self, was: Held | None, month: date, entry: Entry) -> Held:
        body, person = entry.body, entry.actor
        if entry.kind == "period.prepared" or was is None:
            return Held(entry.stream, person, entry.recorded_at, body["sha256"], entry.id)
        was.entry_id = entry.id
        if entry.kind == "period.signed":
            was.signatures = {**was.signatures, body["function"]: person}
        elif entry.kind == "restatement.signed":
            kept = was.restating if was.restated_figures == body["sha256"] else {}
            was.restated_figures, was.restating = body["sha256"], {**kept, body["function"]: person}
        else:
            was.version += 1
            self.snapshots.append(
                (month, was.version, body["figures"], body["sha256"], body["tree_size"], entry.recorded_at, entry.id)
            )
            if entry.kind == "period.closed":
                was.state, was.closed_by, was.closed_at = "closed", person, entry.recorded_at
                self.closed[month] = entry.recorded_at
            was.restated_figures, was.restating = None, {}
        return was

    def finish(self, organisation: Organisation) -> Iterator[tuple[Entry, Deviation]]:
        for entry, wrong in self.acts:
            for deviation in wrong:
                yield entry, deviation
            function = _OWN.get(entry.kind) or entry.body.get("function")
            seats = organisation.seats_of(entry.actor, entry.recorded_at)
            if function and not closing.speaks_for(seats, function):
                yield entry, Deviation("actor", f"somebody who speaks for {function}", entry.actor)


def _wrong(was: Held | None, entry: Entry) -> Iterator[Deviation]:
    """What does not follow from the acts before it."""
    body, state = entry.body, was.state if was is not None else "open"
    people = {entry.actor, entry.said["on_behalf"]} - {None}
    wanted = "closed" if entry.kind in ("restatement.signed", "period.restated") else "soft-closed"
    if state != wanted and not (entry.kind == "period.prepared" and state == "open"):
        yield Deviation("closing", f"a period that is {wanted}", state)
        return
    if "figures" in body and closing.digest(body["figures"]) != body["sha256"]:
        yield Deviation("figures", closing.digest(body["figures"]), body["sha256"])
    if was is None or entry.kind == "period.prepared":
        return
    under = was.restated_figures if entry.kind == "period.restated" else was.figures
    if entry.kind != "restatement.signed" and body["sha256"] != under:
        yield Deviation("figures", under, body["sha256"])
    if entry.kind in ("period.signed", "restatement.signed"):
        kept = was.restating if was.restated_figures == body["sha256"] else {}
        given = was.signatures if entry.kind == "period.signed" else kept
        if body["function"] in given or people & set(given.values()):
            yield Deviation("signature", "one of each function and person", body["function"])
        if entry.kind == "period.signed" and body["function"] == "finance" and was.prepared_by in people:
            yield Deviation("signature", "finance, by somebody who did not prepare it", entry.actor)
    elif entry.kind == "period.closed":
        if set(was.signatures) != set(closing.SIGNING) or was.prepared_by in people:
            yield Deviation("closing", "three signatures, and a second person of finance", dict(was.signatures))
    elif "finance" not in was.restating or len(was.restating) < 2:
        yield Deviation("closing", "signed by finance and one other function", dict(was.restating))
