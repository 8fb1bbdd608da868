"""Forecasts and pushes read again from the entries of one deal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standings
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.pushes import Push
from reporting.rules.forecast import submitting
from reporting.rules.forecast.submitting import KINDS

ENDS = ("booking.recorded", "deal.lost")  # nothing more is foretold of what is decided
__all__ = ["KINDS", "Forecasts", "deviations"]


@dataclass(frozen=True, slots=True)
class Row:
    """A statement as its table keeps it, without the deal."""

    entry: int
    seat: int
    kind: str
    category: str
    ceiling: str
    probability: Decimal
    amount_minor: int
    currency: str
    value_minor: int | None
    close_on: date
    unit: str
    at: datetime
    until: datetime | None = None

    @property
    def columns(self) -> tuple[Any, ...]:
        return (
            self.seat, self.kind, self.category, self.ceiling, self.probability, self.amount_minor, self.currency,
            self.value_minor, self.close_on, self.close_on.replace(day=1), self.unit, self.at, self.until,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of a deal in a stage, in the order of its columns."""

    entry: int
    stage: str
    unit: str
    close_on: date | None
    entered_at: datetime
    left_at: datetime | None = None
    to_stage: str | None = None
    left_entry: int | None = None


@dataclass(slots=True)
class Forecasts:
    """What the entries of one deal have said so far, and how its close has moved."""

    said: list[Row] = field(default_factory=list)
    pushed: list[tuple[int, Push, str]] = field(default_factory=list)  # entry, push, stage
    close: date | None = None
    visits: list[Visit] = field(default_factory=list)

    @property
    def moved(self) -> tuple[Push, ...]:
        return tuple(push for _, push, _ in self.pushed)

    def take(self, entry: Entry) -> None:
        if entry.kind in KINDS:
            if self.said and self.said[-1].until is None:
                self.said[-1] = replace(self.said[-1], until=entry.recorded_at)
            self.said.append(_row(entry))
        if entry.kind in ENDS and self.said and self.said[-1].until is None:
            self.said[-1] = replace(self.said[-1], until=entry.recorded_at)
        after = entry.after
        if after is None:
            return
        self._visit(entry, after)
        if after["close_on"] is None:
            return
        close = date.fromisoformat(after["close_on"])
        if self.close is not None and close > self.close:
            self.pushed.append((entry.id, Push(entry.recorded_at, self.close, close), after["stage"]))
        self.close = close

    def _visit(self, entry: Entry, after: Mapping[str, Any]) -> None:
        stage, close = after["stage"], after["close_on"]
        if self.visits and self.visits[-1].stage == stage:
            return
        if self.visits:
            self.visits[-1] = replace(self.visits[-1], left_at=entry.recorded_at, to_stage=stage, left_entry=entry.id)
        day = None if close is None else date.fromisoformat(close)
        self.visits.append(Visit(entry.id, stage, after["unit"], day, entry.recorded_at))


def deviations(
    policy: Policy, deal: DealView, standings: Standings, forecasts: Forecasts, entry: Entry, zone: str
) -> Iterator[Deviation]:
    was = forecasts.said[-1].category if forecasts.said and forecasts.said[-1].until is None else None
    return submitting.deviations(policy, deal, standings, forecasts.moved, entry, was, zone)


def _row(entry: Entry) -> Row:
    body = entry.body
    return Row(
        entry.id, body["seat"], entry.kind.split(".")[1], body["category"], body["ceiling"],
        Decimal(body["probability"]), body["amount_minor"], body["currency"], body["value_minor"],
        date.fromisoformat(body["close_on"]), body["unit"], entry.recorded_at,
    )  # fmt: skip
