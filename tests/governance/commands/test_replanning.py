"""The function that owes a milestone moves its plan, and the money moves with it."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from governance.commands import deadlines, milestones, replanning
from governance.commands.alerting import acts, ladder
from governance.queries import alerts, what_if
from governance.queries.milestones import one
from ledger.models import Posting
from ledger.queries import entries
from ledger.rules.envelope import microseconds
from ledger.rules.problems import Problem
from tests import forging, walking
from tests.walking import kinds, move_clock

APRIL, MAY = date(2028, 4, 1), date(2028, 5, 1)
THEN = date(2028, 5, 16)


def day(*on, hour=17):
    return datetime(*on, hour, tzinfo=UTC)


@pytest.fixture
def deal(company):
    return walking.booked(company, amount="360000.00", close_on="2028-03-01", start_on="2028-04-01", delivery_months=12)


@pytest.fixture
def delivery(deal):
    return walking.milestone(deal, "delivered")


def expected(number):
    found = Counter()
    for line in Posting.objects.filter(deal_id=number, book="revenue", place="expected"):
        found[line.period] += line.amount
    return found


def test_a_plan_and_the_revenue_that_hangs_on_it_move_in_one_transaction(company, deal, delivery):
    before = len(kinds(deal))
    preview = what_if.of_milestone(delivery, THEN).outcome
    replanning.replan(delivery, THEN, "the supplier is late", by=company.by("ops"))
    assert kinds(deal)[before:] == ["milestone.replanned", "variance.recorded"]
    told = entries.timeline(f"deal/{deal}")
    moved, plan = told[0].body, told[1].body
    assert {line["cause"] for line in moved["postings"]} == {"replanned"}
    assert moved["causes"][0]["estimate"] is False
    assert (told[1].private["note"], plan["key"]) == ("the supplier is late", "delivered")
    assert one(delivery).due_at == day(2028, 5, 16)
    # The worked example of the design: 45 days; and what was previewed is what came.
    assert (expected(deal)[APRIL], expected(deal)[MAY]) == (0, 1_578_082)
    assert (preview.then[APRIL], preview.then[MAY]) == (-2_958_904, -1_479_452)
    assert (preview.now, preview.moved_out, preview.life, preview.starts_on) == ({}, 4_438_356, 0, THEN)


def test_undoing_it_restores_the_schedule(company, deal, delivery):
    before = expected(deal)
    replanning.replan(delivery, THEN, "the supplier is late", by=company.by("ops"))
    replanning.replan(delivery, APRIL, "and is not after all", by=company.by("ops"))
    assert +expected(deal) == before


def test_a_miss_is_cleared_and_possible_again(company, deal, delivery):
    move_clock(day(2028, 4, 1))
    deadlines.sweep()
    assert walking.standing(deal, "delivered").missed_at
    replanning.replan(delivery, THEN, "the supplier is late", by=company.by("ops"))
    assert walking.standing(deal, "delivered").missed_at is None
    assert deadlines.sweep() == 0
    move_clock(day(2028, 5, 16))
    deadlines.sweep()
    assert kinds(deal).count("milestone.missed") >= 2
    assert walking.standing(deal, "delivered").missed_at >= day(2028, 5, 16)


@pytest.mark.parametrize("who", ["rep", "manager", "finance", "auditor"])
def test_nobody_else_moves_it(company, delivery, who):
    with pytest.raises(Problem, match="REPLAN-1"):
        replanning.replan(delivery, THEN, "it suits us", by=company.by(who))


@pytest.mark.parametrize(
    ("on", "note", "code"),
    [
        (None, "why", "REPLAN-2"), (date(2020, 1, 1), "why", "REPLAN-2"), (date(2040, 1, 1), "why", "REPLAN-3"),
        (APRIL, "why", "REPLAN-4"), (THEN, " ", "REPLAN-5"),
    ],
)  # fmt: skip
def test_every_fault_is_said(company, delivery, on, note, code):
    move_clock(day(2027, 12, 1))
    with pytest.raises(Problem) as refused:
        replanning.replan(delivery, on, note, by=company.by("ops"))
    assert [fault.code for fault in refused.value.faults] == [code]


def test_what_is_done_is_not_planned_anew(company, deal, delivery):
    row = walking.submitted(company, deal, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    with pytest.raises(Problem, match="MS-STATE"):
        replanning.replan(delivery, THEN, "too late", by=company.by("ops"))


@pytest.mark.parametrize(
    ("who", "private", "constraint"),
    [("rep", ["note"], "a_plan_is_moved_by_its_function"), ("ops", [], "a_plan_moves_with_its_reason")],
)
def test_the_database_holds_it_too(company, deal, who, private, constraint):
    due = microseconds(day(2028, 5, 16))
    body = {"key": "delivered", "requirement": "milestone", "function": "operations", "due": due}
    said = [{"id": "1b0c8f0e-0000-4000-8000-000000000000", "mac": "0" * 64, "name": name} for name in private]
    with forging.refused(constraint):
        forging.write(f"deal/{deal}", "milestone.replanned", body, actor=company.by(who).person, private=said)


def test_a_recovery_date_is_a_new_plan(company, deal, delivery):
    """What was promised is what is expected; unkept, the same alert opens again one rung higher, and no second one."""
    move_clock(day(2028, 4, 1))
    deadlines.sweep()
    [alert] = alerts.ids_of_milestone(delivery)
    move_clock(day(2028, 4, 3, hour=9))
    acts.acknowledge(alert, by=company.by("ops"))
    acts.explain(alert, "supplier", "their line stood still", by=company.by("ops"))
    acts.commit(alert, THEN, "a second supplier delivers", by=company.by("ops"))
    assert kinds(deal)[-2:] == ["milestone.replanned", "variance.recorded"]
    assert (expected(deal)[APRIL], one(delivery).due_at) == (0, day(2028, 5, 16))
    move_clock(day(2028, 5, 16))
    deadlines.sweep()
    assert ladder.sweep() == 1
    assert alerts.ids_of_milestone(delivery) == [alert]
    held = alerts.one(alert).alert
    assert (held.state, held.rung) == ("open", 1)
