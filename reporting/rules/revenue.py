"""The book `revenue`: what it should hold for a deal, and the postings that take it there from what it holds.

`baseline` is what was agreed when the deal was booked, `expected` what is expected now, `forgone` what is not earned
any more; `unscheduled` is where they come from, as `source` is in the book of bookings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple

from ledger.rules.postings import Cause as Why
from ledger.rules.postings import Posting
from pipeline.rules.schedule import Cause, Terms, baseline, schedule

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


def wanted(terms: Terms, causes: Iterable[Cause], state: State, owner: Owner) -> dict[Place, int]:
    """What the book should hold, but for `unscheduled`. A deal that is not booked any more keeps what was agreed;
    nothing is expected of it, and of a cancelled one all is forgone."""
    found = schedule(terms, causes)
    parts = {BASELINE: baseline(terms)}
    if state == "scheduled":
        parts |= {EXPECTED: found.revenue, FORGONE: found.forgone}
    elif state == "cancelled":
        months = {*found.revenue, *found.forgone}
        parts[FORGONE] = {month: found.revenue.get(month, 0) + found.forgone.get(month, 0) for month in months}
    return {Place(place, month, *owner): part for place, months in parts.items() for month, part in months.items()}


def moves(
    deal: int, held: Held, terms: Terms, causes: Iterable[Cause], state: State, owner: Owner, why: Why, currency: str
) -> tuple[Posting, ...]:
    """The next postings on the way from what is held to what is wanted; none when it is there. They sum to zero:
    what is missing comes from `unscheduled` in the month of the start."""
    source = Place(UNSCHEDULED, terms.start.replace(day=1), *owner)
    goal = wanted(terms, causes, state, owner)
    steps = {place: goal.get(place, 0) - held.get(place, 0) for place in {*goal, *held} if place != source}
    lines = sorted((place.period, place, step) for place, step in steps.items() if step)[:MOST_LINES]
    if not lines:
        return ()
    moved = [(place, step) for _, place, step in lines]
    rest = -sum(step for _, step in moved)
    moved += [(source, rest)] if rest else []
    return tuple(Posting(BOOK, at.place, at.period, at.unit, deal, at.seat, step, currency, why) for at, step in moved)


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
