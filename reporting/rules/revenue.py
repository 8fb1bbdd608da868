"""The book `revenue`: what it should hold for a deal, and the postings that take it there from what it holds.

`baseline` is what was agreed when the deal was booked, `expected` what is still to come, `recognised` what has been
delivered, by months that have passed; `forgone` is not earned any more. `unscheduled` is where they come from, as
`source` is in the book of bookings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from ledger.rules.postings import Cause as Why
from ledger.rules.postings import Posting
from pipeline.rules.schedule import Cause, Months, Terms, baseline, difference, following, schedule

BOOK = "revenue"
UNSCHEDULED, BASELINE, EXPECTED, RECOGNISED, FORGONE = "unscheduled", "baseline", "expected", "recognised", "forgone"
State = Literal["scheduled", "unbooked", "cancelled"]
MOST_LINES = 100  # postings in one entry, so that a term of decades fits into envelopes


class Place(NamedTuple):
    place: str
    period: date
    unit: str
    seat: int


Held = Mapping[Place, int]  # without what is zero


class Owner(NamedTuple):
    """Whose schedule it is: the unit and seat that booked the deal."""

    unit: str
    seat: int


class Plan(NamedTuple):
    """What the book should say of a deal: as agreed, with what moves it. Revenue of the days before `through` counts as
    delivered. Months are those in which it is true; what a close does to them, see ledger/rules/closed.py."""

    terms: Terms
    causes: tuple[Cause, ...]
    state: State
    owner: Owner
    through: date | None = None


def through(state: State, was: State | None, before: date | None, today: date) -> date | None:
    """Up to which day revenue counts as delivered. Of a deal that is booked, the months that have passed; of one that
    was cancelled, the days until then; of one that is not booked, nothing: it was no revenue without a booking."""
    if state == "scheduled":
        return today.replace(day=1)
    if state == "cancelled":
        return today if was == "scheduled" else before if was == "cancelled" else None
    return None


def wanted(plan: Plan) -> dict[Place, int]:
    """What the book should hold, but for `unscheduled`. A deal that is not booked any more keeps what was agreed;
    nothing is expected of it, and of a cancelled one all that was not delivered is forgone."""
    found = schedule(plan.terms, plan.causes)
    done = _delivered(plan, found.revenue)
    rest = difference(found.revenue, done) if done else found.revenue
    parts = {BASELINE: baseline(plan.terms) if plan.causes else found.revenue, RECOGNISED: done}
    if plan.state == "scheduled":
        parts |= {EXPECTED: rest, FORGONE: found.forgone}
    elif plan.state == "cancelled":
        parts[FORGONE] = {month: rest.get(month, 0) + found.forgone.get(month, 0) for month in {*rest, *found.forgone}}
    goal = {Place(place, month, *plan.owner): part for place, months in parts.items() for month, part in months.items()}
    return {at: part for at, part in goal.items() if part}


def _delivered(plan: Plan, revenue: Months) -> Months:
    """The part of the days before `through`: whole months of it as they are."""
    if plan.through is None:
        return {}
    if plan.through.day == 1:
        return {month: part for month, part in revenue.items() if month < plan.through}
    return schedule(plan.terms, plan.causes, plan.through).revenue


def holds(held: Held, plan: Plan) -> bool:
    """Whether the book holds what it should, so that nothing moves."""
    source = Place(UNSCHEDULED, plan.terms.start.replace(day=1), *plan.owner)
    return wanted(plan) == {at: amount for at, amount in held.items() if at != source}


def moves(
    deal: int, held: Held, plan: Plan, why: Why, currency: str, goal: Held | None = None
) -> tuple[Posting, ...]:  # fmt: skip
    """The next postings on the way from what is held to `goal`, which is what is wanted; none when it is there. They
    sum to zero: what is missing comes from `unscheduled` in the month of the start."""
    source = Place(UNSCHEDULED, plan.terms.start.replace(day=1), *plan.owner)
    goal = wanted(plan) if goal is None else goal
    steps = {at: goal.get(at, 0) - held.get(at, 0) for at in {*goal, *held} if at != source}
    lines = sorted((at.period, at, step) for at, step in steps.items() if step)[:MOST_LINES]
    if not lines:
        return ()
    moved = [(at, step) for _, at, step in lines]
    rest = -sum(step for _, step in moved)
    moved += [(source, rest)] if rest else []
    return tuple(Posting(BOOK, at.place, at.period, at.unit, deal, at.seat, step, currency, why) for at, step in moved)


def look_on(plan: Plan, today: date, goal: Held | None = None) -> date | None:
    """The day on which time alone makes something else of it: the next one while the system estimates, else the one
    after the month in which the next revenue is delivered. None when nothing is awaited."""
    if plan.state != "scheduled":
        return None
    if any(cause.estimate for cause in plan.causes):
        return today + timedelta(days=1)
    ahead = [at.period for at in (wanted(plan) if goal is None else goal) if at.place == EXPECTED]
    return following(min(ahead)) if ahead else None


def after(held: Held, postings: Iterable[Posting]) -> dict[Place, int]:
    """What is held once these are posted."""
    found = dict(held)
    for line in postings:
        place = Place(line.place, line.period, line.unit, line.seat or 0)
        found[place] = found.get(place, 0) + line.amount
    return {place: amount for place, amount in found.items() if amount}


def terms_body(terms: Terms) -> dict[str, Any]:
    return {
        "amount_minor": terms.amount,
        "start_on": terms.start,
        "days": terms.days,
        "mode": terms.mode,
        "points": [{"on": point.on, "share": str(point.share), "key": point.key} for point in terms.points],
    }


def causes_body(causes: Iterable[Cause]) -> list[dict[str, Any]]:
    return [
        {
            "key": cause.key,
            "due_on": cause.due,
            "expected_on": cause.expected,
            "float_days": cause.float_days,
            "blocks": cause.blocks,
            "estimate": cause.estimate,
        }
        for cause in causes
    ]
