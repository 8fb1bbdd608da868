"""Completeness derives the schedule and its variance again, and names a posting or a cause that does not follow."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection, transaction

from crm_ledger.verify import rebuild, run
from governance.commands import deadlines, handshakes, milestones, replanning
from governance.rules import deadline_replay
from ledger.commands.append import Draft, append, lock
from ledger.rules import replay
from ledger.rules.actor import SYSTEM
from ledger.rules.envelope import domain, moment
from ledger.rules.postings import Posting
from pipeline.commands import closing
from pipeline.queries import deals, policies, seats
from reporting.commands import passing
from tests import handshake_policy, walking
from tests.crm_ledger.verify import test_rebuild
from tests.forging import canonical, envelope
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


def test_a_life_of_misses_holds(committed_company):
    database, company = committed_company
    number, other = walking.booked(company, delivery_months=12), walking.booked(company, delivery_months=2)
    move_clock(deals.read_one(number).standings["delivered"].due_at)
    assert deadlines.sweep() > 0
    move_clock(seats.now() + timedelta(days=2))
    row = walking.submitted(company, number, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    milestones.revoke(walking.milestone(other, "capacity-confirmed"), "the line is down", by=company.by("ops2"))
    assert broken() == set()
    before = test_rebuild.rows(database)
    assert test_rebuild.rows_written_by_a_migration(database) == before
    for at in test_rebuild.ends_of_transactions()[-30:]:
        found, folded = test_rebuild.by_sums_and_folded(at)
        assert found == folded, at


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


def test_handshakes_that_nobody_answers_hold(committed_company):
    """The last of this module: from here on the delivery plan is a handshake."""
    database, company = committed_company
    before = broken()  # the lies of the test above stay
    handshake_policy.publish(company)
    shaken = [walking.solution(company) for _ in range(4)]
    asked = walking.milestone(shaken[0], handshake_policy.PLAN)
    handshakes.act(asked, "offered", by=company.by("rep"), day=seats.now().date() + timedelta(days=90))
    closing.lose(shaken[2], "price", by=company.by("rep"))
    move_clock(walking.standing(shaken[0], handshake_policy.PLAN).due_at)
    assert deadlines.sweep() > 0
    told = [[one for one in walking.kinds(deal) if one[:9] == "handshake"][1:] for deal in shaken]
    missed = ["handshake.missed"]
    assert told == [["handshake.offered", *missed], missed, ["handshake.released"], missed]
    replanning.replan(
        asked, seats.now().date() + timedelta(days=9), "The line is full until then", by=company.by("ops")
    )
    handshakes.act(asked, "refused", by=company.by("ops"), note="The line is full")
    late = walking.milestone(shaken[3], handshake_policy.PLAN)
    handshakes.act(late, "offered", by=company.by("rep"), day=seats.now().date() + timedelta(days=9))
    assert broken() == before
    assert list(rebuild.differences()) == []
    kept = test_rebuild.rows(database)
    assert test_rebuild.rows_written_by_a_migration(database) == kept
    for at in test_rebuild.ends_of_transactions()[-20:]:  # who waits for an answer, and who was to offer
        found, folded = test_rebuild.by_sums_and_folded(at)
        assert found == folded, at
    with transaction.atomic():
        said = walking.standing(shaken[1], handshake_policy.PLAN)
        lie = {"key": handshake_policy.PLAN, "requirement": "handshake", "function": "sales", "due": said.due_at}
        assert [one.fact for one in _judged(shaken[1], "handshake.missed", lie)] == ["recorded_at"], "it is missed once"
        lie["due"] = said.due_at + timedelta(days=1)
        assert [one.fact for one in _judged(shaken[1], "handshake.missed", lie)] == ["due"], "that is not its day"
        assert [one.fact for one in _judged(shaken[1], "handshake.released", lie)] == ["stage"], "it is asked for"


def _judged(number, kind, body):
    """What lawfulness would say of an entry that the database itself refuses."""
    found = deals.read_one(number)
    said = envelope(f"deal/{number}", kind, domain(body))
    columns = (0, said["stream"], said["seq"], kind, 0, moment(said["at"]), moment(said["at"]))
    entry = replay.read(*columns, None, None, None, None, canonical(said), b"")
    policy = policies.version(found.view.policy_version)
    return deadline_replay.act(policy, found.view, found.standings, entry)
