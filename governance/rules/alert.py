"""An accountability alert: its steps, its ladder, how grave it is, and who may answer and close it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from governance.rules.verification import Refusal
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault
from pipeline.rules.calendar import Calendar
from pipeline.rules.seats import SeatView, holds

STATES = ("open", "acknowledged", "explained", "committed", "closed")
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "acknowledge": ("open",),
    "explain": ("acknowledged",),
    "commit": ("explained",),
    "verify": ("explained", "committed"),
}
CAUSES = (
    "capacity", "supplier", "customer", "people", "quality", "system", "dependency", "estimate", "other",
)  # fmt: skip
SEVERITIES = ("low", "medium", "high")
HIGH = "alert_high"  # threshold of a policy: what is at stake in a grave alert, in minor units
HIGH_MINOR = 10_000_000  # where a policy says nothing
TOP = 2
# How long it stays on a rung unanswered: 24 hours after the opening the first, 72 hours after it the second.
WAITS: Mapping[int, timedelta] = {0: timedelta(hours=24), 1: timedelta(hours=48)}


@dataclass(frozen=True, slots=True)
class Alert:
    """As the record holds it, in the order of its columns."""

    id: int
    about: str
    subject: str
    milestone: int | None
    deal: int | None
    key: str
    function: str
    unit: str
    owner_seat: int | None
    counterpart: str
    missed_at: datetime
    opened_at: datetime
    due_at: datetime
    severity: str
    warned_at: datetime | None
    stake: Sequence[Mapping[str, Any]]
    stake_minor: int
    currency: str | None
    state: str
    rung: int
    rung_at: datetime
    next_at: datetime | None
    cause: str | None = None
    promised_on: date | None = None
    acknowledged_by: int | None = None
    acknowledged_at: datetime | None = None
    explained_by: int | None = None
    explained_at: datetime | None = None
    committed_by: int | None = None
    committed_at: datetime | None = None
    closed_by: int | None = None
    closed_at: datetime | None = None
    entry: int = 0

    @property
    def ref(self) -> str:
        return f"A-{self.id}"

    @property
    def promise_stands(self) -> bool:
        """Whether its recovery date is of this round: one that was broken is history."""
        made = self.committed_at is not None and self.explained_at is not None and self.committed_at > self.explained_at
        return made and self.state in ("committed", "closed")

    @property
    def answered_by(self) -> frozenset[int]:
        people = (self.acknowledged_by, self.explained_by, self.committed_by)
        return frozenset(person for person in people if person is not None)


def wrong_state(act: str, state: str) -> str | None:
    """A sentence when `act` cannot follow `state`."""
    allowed = FOLLOWS[act]
    return None if state in allowed else f"This alert is {state}; that step needs it to be {' or '.join(allowed)}."


def next_at(
    state: str, rung: int, rung_at: datetime, due_at: datetime, now: datetime, promised_end: datetime | None = None
) -> datetime | None:
    """When somebody must look again by the clock alone; None when nothing more happens by itself.

    Unanswered it climbs: 24 and 72 hours after the opening. Acknowledged, the ladder rests until it is due.
    A committed date is looked at when it has passed.
    """
    if state == "committed":
        return promised_end
    if state == "closed" or rung >= TOP:
        return None
    climbs = rung_at + WAITS[rung]
    if state == "open":
        return climbs
    return due_at if due_at > now else max(climbs, now + timedelta(microseconds=1))


def at_stake(parts: Iterable[Mapping[str, Any]]) -> int:
    """The headline: what moves out of months, or into them when nothing moves out. Variances of one miss offset
    each other over life, so they are not added up across signs."""
    amounts = [int(part["amount_minor"]) for part in parts]
    return max(-sum(amount for amount in amounts if amount < 0), sum(amount for amount in amounts if amount > 0), 0)


def severity(stake_minor: int, high_minor: int, *, warned: bool) -> str:
    """By the money, one step lower when the bad news came early."""
    grade = 2 if stake_minor >= high_minor else 1 if stake_minor > 0 else 0
    return SEVERITIES[max(0, grade - warned)]


def is_early(warned_at: datetime | None, due_at: datetime, calendar: Calendar) -> bool:
    """A warning is early when it came on a business day before the day that was missed."""
    return warned_at is not None and calendar.day_of(warned_at) < calendar.day_of(due_at)


def counterpart_of(function: str) -> str:
    """Who waits on the other side: sales waits on everybody, operations waits on sales."""
    return "operations" if function == "sales" else "sales"


def latest_promise(opened_at: datetime, calendar: Calendar) -> date:
    """The last business day of the month after the opening: a later date is a new plan, not a recovery."""
    day = calendar.day_of(opened_at)
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return calendar.last_of_month(following)


def explanation_faults(cause: str, what: str) -> list[Fault]:
    found = []
    if cause not in CAUSES:
        found.append(Fault("/cause", "ALERT-1", f"Choose one of: {', '.join(CAUSES)}."))
    if not 3 <= len(what.strip()) <= 2000:
        found.append(Fault("/what", "ALERT-2", "Say what happened, in 3 to 2,000 characters."))
    return found


def promise_faults(day: date | None, plan: str, alert: Alert, today: date, calendar: Calendar) -> list[Fault]:
    found = []
    last = max(latest_promise(alert.opened_at, calendar), calendar.after(today))
    if day is None or day <= today:
        found.append(Fault("/date", "ALERT-3", "A recovery date is a day to come."))
    elif day > last:
        say = f"At the latest {last.isoformat()}, the last business day of the next month: after it, re-plan instead."
        found.append(Fault("/date", "ALERT-4", say))
    if not 3 <= len(plan.strip()) <= 2000:
        found.append(Fault("/plan", "ALERT-5", "Say how it will be done, in 3 to 2,000 characters."))
    return found


def answering(seats: Iterable[SeatView], alert: Alert) -> Refusal | None:
    if holds(seats, alert.function, alert.unit):
        return None
    return Refusal("ALERT-6", f"This alert is answered by {alert.function} in {alert.unit}.", False)


def verifying(by: Actor, seats: Sequence[SeatView], alert: Alert, owner_person: int | None) -> Refusal | None:
    """Another person of either side; never who owns it or answered it."""
    people = set(by.people)
    if people & alert.answered_by:
        return Refusal("SOD-16", "You answered this alert, so another person says whether it was kept.")
    if owner_person in people:
        return Refusal("SOD-17", "You own this alert, so another person says whether it was kept.")
    if holds(seats, alert.function, alert.unit) or holds(seats, alert.counterpart, alert.unit):
        return None
    say = f"This is verified by {alert.function} or {alert.counterpart} in {alert.unit}."
    return Refusal("SOD-18", say)
