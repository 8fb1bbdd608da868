"""The organisation and the deals as the record alone says they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ledger.rules.envelope import moment
from ledger.rules.replay import Entry
from pipeline.rules import policy_document
from pipeline.rules.calendar import Calendar
from pipeline.rules.deal import DealView, Line
from pipeline.rules.move_replay import Moves
from pipeline.rules.policy import Policy
from pipeline.rules.seats import SeatView


@dataclass(slots=True)
class Seat:
    """A seat with the moments at which the record learned of its beginning and its end."""

    person: int
    function: str
    unit: str | None
    role: str
    from_at: datetime
    reports_to: int | None
    entry_id: int
    known_at: datetime
    until_at: datetime | None = None
    end_known_at: datetime | None = None

    def held_at(self, at: datetime) -> bool:
        """As it was known at that moment: a seat that was ended afterwards with effect in the past was held."""
        if self.known_at > at or self.from_at > at:
            return False
        return self.until_at is None or self.end_known_at is None or self.end_known_at > at or self.until_at > at


@dataclass(slots=True)
class PolicyRow:
    name: str
    hash: str
    document: Mapping[str, Any]
    drafted_at: datetime
    drafted_by: int
    published_at: datetime | None = None


@dataclass(slots=True)
class Organisation:
    """Seats, rates and policy versions. Small: it grows with people and days, not with deals."""

    seats: dict[int, Seat] = field(default_factory=dict)
    rates: dict[tuple[str, date], tuple[Decimal, int]] = field(default_factory=dict)
    policies: dict[int, PolicyRow] = field(default_factory=dict)
    read: dict[int, Policy] = field(default_factory=dict)
    rate_history: dict[str, list[tuple[datetime, date, Decimal]]] = field(default_factory=dict)
    by_person: dict[int, list[int]] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    holidays: dict[tuple[str, date], tuple[str, int]] = field(default_factory=dict)
    days_off: dict[str, list[tuple[datetime, date, bool]]] = field(default_factory=dict)
    moves: Moves = field(default_factory=Moves)
    published: list[Entry] = field(default_factory=list)  # rates, judged once the seats have been read

    def take(self, entry: Entry) -> None:
        body = entry.body
        if entry.kind == "seat.filled":
            number = int(entry.stream.split("/")[1])
            self.seats[number] = Seat(
                body["person"], body["function"], body["unit"], body["role"], entry.effective_at,
                body["reports_to"], entry.id, entry.recorded_at,
            )  # fmt: skip
            self.by_person.setdefault(body["person"], []).append(number)
        elif entry.kind == "seat.ended":
            seat = self.seats[int(entry.stream.split("/")[1])]
            if seat.until_at is None:
                seat.until_at, seat.end_known_at = entry.effective_at, entry.recorded_at
        elif entry.kind == "rate.published":
            day, rate = date.fromisoformat(body["day"]), Decimal(body["rate"])
            self.rates[body["currency"], day] = rate, entry.id
            self.rate_history.setdefault(body["currency"], []).append((entry.recorded_at, day, rate))
            self.published.append(entry)
        elif entry.kind == "unit.opened":
            self.zones[body["unit"]] = body["timezone"]
        elif entry.kind in ("holiday.declared", "holiday.withdrawn"):
            unit, on = entry.stream.split("/")[1], date.fromisoformat(body["day"])
            self.holidays[unit, on] = body.get("name", ""), entry.id
            declared = entry.kind == "holiday.declared"
            self.days_off.setdefault(unit, []).append((entry.recorded_at, on, declared))
        elif entry.kind == "policy.drafted":
            self.policies[body["version"]] = PolicyRow(
                body["document"]["name"], body["hash"], body["document"], entry.recorded_at, entry.actor
            )
        elif entry.kind == "policy.published":
            row = self.policies[body["version"]]
            if row.hash == body["hash"] and row.published_at is None:
                row.published_at = entry.recorded_at
        elif entry.kind.startswith("move."):
            self.moves.take(entry)

    def policy(self, version: int) -> Policy:
        if version not in self.read:
            self.read[version] = policy_document.from_canonical(dict(self.policies[version].document), version)
        return self.read[version]

    def seats_of(self, person: int, at: datetime) -> tuple[SeatView, ...]:
        found = ((number, self.seats[number]) for number in sorted(self.by_person.get(person, ())))
        return tuple(
            SeatView(number, seat.function, seat.unit, seat.role) for number, seat in found if seat.held_at(at)
        )

    def calendar(self, unit: str, at: datetime) -> Calendar:
        """The calendar of a unit as it was known at a moment."""
        days: set[date] = set()
        for known_at, on, off in self.days_off.get(unit, ()):
            if known_at <= at:
                (days.add if off else days.discard)(on)
        return Calendar(self.zones.get(unit, "UTC"), frozenset(days))

    def person_of(self, seat: int) -> int:
        return self.seats[seat].person

    def rate(self, currency: str, day: date, at: datetime) -> Decimal | None:
        """The newest rate for that day or before it, as it was published by that moment."""
        known = {on: rate for published, on, rate in self.rate_history.get(currency, ()) if published <= at}
        days = sorted(known)
        place = bisect_right(days, day)
        return known[days[place - 1]] if place else None


def view(
    number: int, version: int, after: Mapping[str, Any], entered: datetime, organisation: Organisation,
    private: Mapping[str, str],
) -> DealView:  # fmt: skip
    """The deal that an entry states. `private`: id → erasable text, as far as it still exists."""
    values: dict[str, Any] = {}
    behind: dict[str, str] = {}
    for key, value in after["inputs"].items():
        if isinstance(value, dict):
            behind[key] = value["private"]
            values[key] = private.get(behind[key])
        else:
            values[key] = value
    return DealView(
        id=number, ref=f"D-{number:06d}", stage=after["stage"], version=version, unit=after["unit"],
        owner=after["owner"], owner_person=organisation.person_of(after["owner"]),
        policy_version=after["policy_version"], account=after["account"], amount_minor=after["amount_minor"],
        currency=after["currency"], close_on=day(after["close_on"]), start_on=day(after["start_on"]), inputs=values,
        input_at={key: moment(us) for key, us in after.get("input_at", {}).items()}, lines=_lines(after["lines"]),
        credits=tuple(after["credits"]), value_minor=after["value_minor"], place=after["place"],
        period=day(after["period"]), terms=after["terms"], stage_entered_at=entered, private=behind,
    )  # fmt: skip


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _lines(rows: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(Line(row["product"], row["name"], row["quantity"], row["price_minor"]) for row in rows)
