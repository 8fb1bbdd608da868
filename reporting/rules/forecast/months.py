"""A month's forecasts read again from its entries: locked snapshots, and what managers made of the roll-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ledger.rules.envelope import moment
from ledger.rules.problems import Fault
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.seats import SeatView
from reporting.rules.forecast import locks

LOCKED, CALLED = KINDS = ("snapshot.locked", "call.made")


class Organisation(Protocol):
    def seats_of(self, person: int, at: datetime) -> tuple[SeatView, ...]: ...


def stream_of(period: date) -> str:
    return f"forecast/{period:%Y-%m}"


def week_of(now: datetime, zone: str) -> date:
    """The Monday of the week of a moment."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return today - timedelta(days=today.weekday())


def judges(seats: tuple[SeatView, ...], unit: str) -> SeatView | None:
    """The seat from which somebody judges the roll-up of a unit: its sales manager's."""
    return next((one for one in seats if one.function == "sales" and one.role == "manager" and one.covers(unit)), None)


def call_faults(commit_minor: int, best_case_minor: int, because: str) -> list[Fault]:
    found = []
    if commit_minor < 0:
        found.append(Fault("/commit", "FORECAST-12", "A call is zero or more."))
    if best_case_minor < commit_minor:
        found.append(Fault("/best_case", "FORECAST-13", "A best-case call holds the commit call: it is not smaller."))
    if not 3 <= len(because.strip()) <= 2000:
        found.append(Fault("/because", "FORECAST-14", "Say in 3 to 2,000 characters why you see it so."))
    return found


@dataclass(slots=True)
class Months:
    """Rows of both tables, without the stream."""

    locks: list[tuple[Any, ...]] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        if entry.kind not in KINDS:
            return
        body, period = entry.body, date.fromisoformat(f"{entry.stream.split('/')[1]}-01")
        if entry.kind == LOCKED:
            self.locks.append(
                (body["horizon"], period, entry.id, moment(body["taken_of"]), body["deals"], body["digest"],
                 body["sums"])
            )  # fmt: skip
        else:
            self.calls.append(
                (entry.id, period, body["unit"], body["seat"], date.fromisoformat(body["week"]), body["commit_minor"],
                 body["best_case_minor"], body["rolled_up"], entry.recorded_at)
            )  # fmt: skip


def deviations(entry: Entry, organisation: Organisation, zone: str) -> Iterator[Deviation]:
    """What was unlawful: a lock of another moment than its horizon says, or a judgement by somebody else."""
    body: Mapping[str, Any] = entry.body
    period = date.fromisoformat(f"{entry.stream.split('/')[1]}-01")
    if entry.kind == LOCKED:
        wanted = locks.moment(period, body["horizon"], zone)
        if moment(body["taken_of"]) != wanted or wanted > entry.recorded_at:
            yield Deviation("taken_of", wanted, body["taken_of"])
        return
    seat = judges(organisation.seats_of(entry.actor, entry.recorded_at), body["unit"])
    if seat is None or seat.id != body["seat"]:
        yield Deviation("actor", f"the sales manager of {body['unit']}", entry.actor)
    if body["week"] != week_of(entry.recorded_at, zone).isoformat():
        yield Deviation("week", week_of(entry.recorded_at, zone), body["week"])
