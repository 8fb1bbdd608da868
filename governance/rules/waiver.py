"""A waiver: an expiring, counted exception to one requirement, under two signatures of different functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from governance.rules.verification import Refusal
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy, Requirement
from pipeline.rules.seats import SeatView

MOST_DAYS = 14
REASONS = ("customer-deadline", "evidence-late", "supplier-late", "system-unavailable", "other")
DECIDES = ("lead", "manager", "executive")
WORKS = ("rep", *DECIDES)
BUDGET = "waiver_budget"  # threshold of a policy: currency-days that a team may owe in a quarter, in minor units
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiver:
    """As the record holds it. `id` is the entry that asked; `value_minor` the value of the deal at that moment."""

    id: int
    key: str
    reason: str
    unit: str
    requester: int
    requester_function: str
    requested_at: datetime
    valid_until: datetime
    value_minor: int
    state: str = "requested"
    approver: int | None = None
    approver_function: str | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    entry: int = 0

    @property
    def open(self) -> bool:
        return self.state in ("requested", "granted")


def days_open(granted_at: datetime, until: datetime) -> int:
    """A day that has begun counts."""
    return max(0, -((granted_at - until) // _DAY)) if until > granted_at else 0


def debt(waiver: Waiver, now: datetime) -> int:
    """Amount × days open, in minor units: 250,000 × 10 days = 2.5 M currency-days. What was refused owes nothing."""
    if waiver.decided_at is None or waiver.state in ("requested", "refused"):
        return 0
    until = min(waiver.closed_at or now, waiver.valid_until, now)
    return waiver.value_minor * days_open(waiver.decided_at, until)


def promised(waiver: Waiver, now: datetime) -> int:
    """What it will have cost at its end, when nobody meets the requirement before."""
    begun = waiver.decided_at or now
    return waiver.value_minor * days_open(begun, waiver.closed_at or waiver.valid_until)


def over_budget(budget: int | None, owed: int, more: int) -> str | None:
    """A sentence when this waiver would take the team over its budget of the quarter."""
    if budget is None or owed + more <= budget:
        return None
    left, cost = max(0, budget - owed) // 100, more // 100
    return (
        f"Not waived. It would cost {cost:,} currency-days and the team has {left:,} of {budget // 100:,} left in this"
        " quarter. Ask for an earlier end, or meet another waived requirement first. [WAIVER-7]"
    )


def end_of(day: date, now: datetime, timezone: str) -> datetime:
    """The end of that working day (17:00 local), and never more than fourteen days from now."""
    end = datetime.combine(day, time(17), ZoneInfo(timezone)).astimezone(UTC)
    return min(end, now.astimezone(UTC) + MOST_DAYS * _DAY)


def requirement_of(policy: Policy, key: str) -> Requirement | None:
    """The requirement that a waiver may excuse. A signature is never waived: nobody signs by leaving it out."""
    rules = (rule for stage in policy.stages for rule in stage.gate)
    return next((rule for rule in rules if rule.key == key and rule.kind != "attestation"), None)


def faults(
    policy: Policy, key: str, reason: str, day: date | None, step: str, today: date, now: datetime, timezone: str
) -> list[Fault]:
    found = []
    if requirement_of(policy, key) is None:
        say = f"“{key[:40]}” is no requirement of this policy that can be waived. A signature never can."
        found.append(Fault("/requirement", "WAIVER-1", say))
    if reason not in REASONS:
        found.append(Fault("/reason", "WAIVER-2", f"Choose one of: {', '.join(REASONS)}."))
    last = today + MOST_DAYS * _DAY
    if day is None or not today <= day <= last or end_of(day, now, timezone) <= now:
        say = f"A waiver ends within {MOST_DAYS} days: choose a day from today to {last.isoformat()}."
        found.append(Fault("/expires", "WAIVER-3", say))
    if not 3 <= len(step.strip()) <= 2000:
        say = "Say what makes up for it until then, in 3 to 2,000 characters."
        found.append(Fault("/compensating_step", "WAIVER-4", say))
    return found


def asking(by: Actor, seats: Iterable[SeatView], deal: DealView, need: Requirement) -> tuple[str, Refusal | None]:
    """The function in which this person asks: the owner and managers of the deal, and who owes the requirement."""
    held = [seat for seat in seats if seat.role in WORKS and seat.covers(deal.unit)]
    mine = [seat.function for seat in held if seat.function == need.owner_function]
    sells = [
        seat.function
        for seat in held
        if seat.function == "sales" and (by.person == deal.owner_person or seat.role in DECIDES)
    ]
    functions = sells + mine
    if functions:
        return functions[0], None
    who = f"the owner of the deal, a sales manager, or {need.owner_function} in {deal.unit}"
    return "", Refusal("WAIVER-5", f"A waiver is asked for by {who}.", False)


def deciding(
    by: Actor, seats: Sequence[SeatView], deal: DealView, waiver: Waiver, paid: frozenset[int]
) -> tuple[str, Refusal | None]:
    """The function in which this person decides: a lead of another function who gains nothing by it."""
    people = set(by.people)
    if waiver.requester in people:
        return "", Refusal("SOD-13", "You asked for this waiver, so somebody of another function decides on it.")
    if people & (paid | {deal.owner_person}):
        return "", Refusal("SOD-14", "You own this deal or are paid on it, so another person decides on its waiver.")
    held = [seat.function for seat in seats if seat.role in DECIDES and seat.covers(deal.unit)]
    other = [function for function in held if function != waiver.requester_function]
    if not other:
        say = f"A waiver that {waiver.requester_function} asks for is decided by a lead of another function."
        return "", Refusal("SOD-15", say)
    return other[0], None


def quarter_began(today: date, fiscal_start_month: int) -> date:
    """The first day of the fiscal quarter of a day."""
    back = (today.month - fiscal_start_month) % 3
    month, year = today.month - back, today.year
    return date(year, month, 1) if month > 0 else date(year - 1, month + 12, 1)


def returns_to(policy: Policy, stage: str, key: str) -> str | None:
    """Where a deal in `stage` goes when this requirement is owed no longer by waiver: before the first gate that asks
    for it. None when the deal has not passed such a gate."""
    here = policy.position(stage)
    for at, gate in enumerate(policy.stages):
        if any(rule.key == key for rule in gate.gate):
            return policy.stages[at - 1].key if here is not None and 0 < at <= here else None
    return None
