"""Objectives and targets read again from the record: what each came to, and whether each step was lawful."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from governance.rules import targets as rules
from governance.rules.targets import Link, Objective, Span, Target
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.seats import SeatView

STREAMS = ("objective", "target")


@dataclass(slots=True)
class Goal:
    """One stream: an objective, or a target with its links by (deal, milestone)."""

    objective: Objective | None = None
    target: Target | None = None
    links: dict[tuple[int, str], Link] = field(default_factory=dict)

    @property
    def version(self) -> int:
        held = self.objective or self.target
        return held.version if held else 0

    def take(self, entry: Entry) -> None:
        body, number = entry.body, int(entry.stream.split("/")[1])
        match entry.kind:
            case "objective.set":
                self.objective = Objective(
                    number, body["version"], _span(entry), body["owner"], _wording(entry), entry.actor,
                    entry.recorded_at, "set", entry.id,
                )  # fmt: skip
            case "target.set":
                self.target = Target(
                    number, body["version"], body["purpose"], body["objective"], body["measure"], _span(entry),
                    body["base"], body["goal"], body["currency"], _wording(entry), entry.actor, entry.recorded_at,
                    "set", entry.id,
                )  # fmt: skip
            case "objective.withdrawn" if self.objective:
                self.objective = replace(self.objective, state="withdrawn", entry=entry.id)
            case "target.withdrawn" if self.target:
                self.target = replace(self.target, state="withdrawn", entry=entry.id)
            case "target.linked" | "target.unlinked":
                key = body["deal"], body["milestone"]
                state = entry.kind.split(".")[1]
                self.links[key] = Link(number, *key, body["amount"], state, entry.id)


def act(was: Goal, entry: Entry, seats: tuple[SeatView, ...]) -> Iterator[Deviation]:
    """What was unlawful in an entry, by the seats of its moment. The unit of a link is judged by the database."""
    body = entry.body
    held = was.objective or was.target
    purpose = "objective" if entry.kind.startswith("objective.") else "key_result"
    unit = held.span.unit if held else None
    if entry.kind.endswith(".set"):
        purpose, unit = body.get("purpose", purpose), body["unit"]
        if body["version"] != was.version + 1:
            yield Deviation("version", was.version + 1, body["version"])
    elif was.target is not None:
        purpose = was.target.purpose
    if held is None and not entry.kind.endswith(".set"):
        yield Deviation("kind", "what sets it first", entry.kind)
    if entry.kind in ("target.linked", "target.unlinked"):
        if not any(seat.role in rules.LINKING for seat in seats):
            yield Deviation("actor", "somebody who leads in the unit of the deal", entry.actor)
    elif rules.setting(seats, purpose, unit) is not None:
        yield Deviation("actor", "somebody who sets this", entry.actor)


def _span(entry: Entry) -> Span:
    body = entry.body
    return Span(body["period"], date.fromisoformat(body["first"]), date.fromisoformat(body["until"]), body["unit"])


def _wording(entry: Entry) -> str | None:
    return next((piece["id"] for piece in entry.said.get("private", ()) if piece["name"] == "title"), None)
