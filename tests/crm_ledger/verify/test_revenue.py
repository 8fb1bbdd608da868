"""Completeness derives the schedule and its variance again, and names a posting or a cause that does not follow."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from crm_ledger.verify import run
from governance.commands import deadlines, milestones
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import SYSTEM
from ledger.rules.postings import Posting
from pipeline.queries import deals, seats
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
