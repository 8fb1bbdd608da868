"""Completeness derives the schedule and its variance again, and names a posting or a cause that does not follow."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection, transaction

from crm_ledger.verify import rebuild, run
from governance.commands import deadlines, milestones
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import SYSTEM
from ledger.rules.postings import Posting
from pipeline.commands import closing
from pipeline.queries import deals, seats
from reporting.commands import passing
from tests import walking
from tests.walking import move_clock


@pytest.fixture
def company(committed_company):
    return committed_company[1]


def broken():
    connection.close()
    found = run.verify()
    return {
        (one.place.split(", ")[-1], one.fact)
        for name in ("completeness", "lawfulness")
        for one in found[name].violations
    }


def test_a_life_of_misses_holds(company):
    number, other = walking.booked(company, delivery_months=12), walking.booked(company, delivery_months=2)
    move_clock(deals.read_one(number).standings["delivered"].due_at)
    assert deadlines.sweep() > 0
    move_clock(seats.now() + timedelta(days=2))
    row = walking.submitted(company, number, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    milestones.revoke(walking.milestone(other, "capacity-confirmed"), "the line is down", by=company.by("ops2"))
    assert broken() == set()


def test_passing_days_hold(company):
    """Recognised month by month, estimated day by day, cancelled on the way, de-booked and booked again."""
    numbers = [walking.booked(company, delivery_months=2) for _ in range(4)]
    start = deals.read_one(numbers[0]).view.start_on
    for number in numbers[1:]:
        row = walking.submitted(company, number, "delivered", "ops")
        milestones.verify(row, by=company.by("ops2"))
    written = 0
    for days in (1, 2, 40):  # whether a month ends on the way depends on the day on which this runs; in 40 one does
        move_clock(datetime.combine(start, time(18), UTC) + timedelta(days=days))
        deadlines.sweep()
        written += passing.sweep()
    assert written >= len(numbers)
    closing.lose(numbers[2], "price", by=company.by("rep"))
    milestones.revoke(walking.milestone(numbers[3], "capacity-confirmed"), "the line is down", by=company.by("ops2"))
    walking.verified(company, numbers[3], "capacity-confirmed")
    told = [walking.kinds(number)[-1] for number in numbers]
    assert told == ["variance.recorded", "revenue.recognised", "reservation.released", "revenue.scheduled"]
    assert broken() == set()
    assert list(rebuild.differences()) == []


def lines(number, start, amount, why="milestone_miss"):
    return [
        Posting("revenue", "expected", start, "east", number, 1, amount, "USD", why),
        Posting("revenue", "unscheduled", start, "east", number, 1, -amount, "USD", why),
    ]


@pytest.mark.parametrize("kind", ["variance.recorded", "milestone.started"])
def test_a_posting_that_does_not_follow_is_named(company, kind):
    number = walking.booked(company)
    start = deals.read_one(number).view.start_on.replace(day=1)
    body = {"causes": [], "state": "scheduled", "why": "milestone_miss"}
    if kind == "milestone.started":
        body = {"key": "delivered", "requirement": "milestone", "function": "operations"}
    with transaction.atomic():
        append(lock(f"deal/{number}"), Draft(kind, body, postings=lines(number, start, 12_345)), by=SYSTEM)
    assert (kind, "postings") in broken()
