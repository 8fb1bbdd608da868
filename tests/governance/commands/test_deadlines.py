"""The sweep: a late start before the miss, each once, and what the record refuses."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from governance.commands import deadlines
from governance.queries import deadlines as waiting
from ledger.commands.append import Draft, append, lock
from ledger.queries import entries
from ledger.rules.actor import SYSTEM
from ledger.rules.problems import Problem
from ledger.transactions import command
from pipeline.commands import advancing, closing
from pipeline.queries import deals
from tests import walking
from tests.walking import kinds, move_clock, view

CREDIT = "credit-approved"


def standing(number, key=CREDIT):
    return deals.read_one(number).standings[key]


def to_due(number, key=CREDIT):
    return move_clock(standing(number, key).due_at)


def newest(number, kind):
    return next(entry for entry in entries.timeline(f"deal/{number}", limit=100) if entry.kind == kind)


def test_nothing_is_noted_before_its_moment(company):
    number = walking.solution(company)
    before = kinds(number)
    move_clock(standing(number).start_by - timedelta(seconds=30))
    deadlines.sweep()
    assert [kind for kind in kinds(number)[len(before) :] if "delivery" not in kind] == ["milestone.started_late"]
    assert standing(number).late_at is None  # the one that began late is the delivery plan, due earlier


def test_a_late_start_comes_before_the_miss_and_each_comes_once(company):
    number = walking.solution(company)
    planned = len(kinds(number))
    move_clock(standing(number).start_by)
    deadlines.sweep()
    assert kinds(number)[planned:] == ["milestone.started_late"] * 2
    to_due(number)
    assert deadlines.sweep() == 2
    assert kinds(number)[planned:] == ["milestone.started_late"] * 2 + ["milestone.missed"] * 2
    assert deadlines.sweep() == 0
    assert waiting.behind() is None


def test_a_scheduler_that_slept_notes_both_in_order(company):
    number = walking.solution(company)
    planned = len(kinds(number))
    to_due(number)
    deadlines.sweep()
    assert kinds(number)[planned:] == ["milestone.started_late", "milestone.missed"] * 2


def test_what_a_miss_says(company):
    number = walking.solution(company)
    due = standing(number).due_at
    to_due(number)
    deadlines.sweep()
    said = newest(number, "milestone.missed").body
    deal = view(number)
    assert said == {
        "key": CREDIT, "requirement": "milestone", "function": "finance", "deal": number,
        "milestone": walking.milestone(number, CREDIT), "unit": "east", "owner": company.seats["rep"],
        "due": int(due.timestamp() * 1_000_000), "currency": "USD",
        "at_stake": [{"period": deal.period.isoformat(), "amount_minor": 10_000_000}],
    }  # fmt: skip


def test_a_miss_decides_nothing_and_verification_may_still_come(company):
    number = walking.solution(company)
    to_due(number)
    deadlines.sweep()
    missed = standing(number)
    assert (missed.effect, missed.status, missed.missed_at is not None) == ("unmet", "planned", True)
    walking.verified(company, number, CREDIT)
    assert (standing(number).effect, standing(number).missed_at) == ("met", missed.missed_at)
    assert deadlines.sweep() == 0


def test_what_is_verified_in_time_is_never_missed(company):
    number = walking.solution(company)
    walking.verified(company, number, CREDIT)
    to_due(number)
    deadlines.sweep()
    assert standing(number).missed_at is None


def test_a_closed_deal_owes_nothing(company):
    number = walking.solution(company)
    closing.lose(number, "price", by=company.by("rep"))
    to_due(number)
    deadlines.sweep()
    assert kinds(number)[-2:] == ["milestone.released"] * 2
    assert deadlines.sweep() == 0


def test_a_deal_that_is_taken_up_again_owes_anew(company):
    number = walking.solution(company)
    first = standing(number).due_at
    closing.lose(number, "price", by=company.by("rep"))
    to_due(number)
    deadlines.sweep()
    closing.reopen(number, "They called back", by=company.by("rep"))
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    again = standing(number)
    assert (again.status, again.missed_at, again.first_due_at) == ("planned", None, again.due_at)
    assert again.due_at > first


@command
def note_by_hand(number, kind, due):
    body = {"key": CREDIT, "requirement": "milestone", "function": "finance", "due": due}
    append(lock(f"deal/{number}"), Draft(kind, body), by=SYSTEM)


@pytest.mark.parametrize("kind", ["milestone.missed", "milestone.started_late"])
def test_the_record_refuses_a_miss_that_is_none(company, kind):
    """Also by a program that skips the rules: not before the moment, and not twice."""
    number = walking.solution(company)
    due = standing(number).due_at
    chain = deals.read_one(number).view.version
    with pytest.raises(Problem) as refused, transaction.atomic():
        note_by_hand(number, kind, due)
    assert refused.value.slug == "a-deadline-is-noted-once-and-when-it-is-so"
    to_due(number)
    deadlines.sweep()
    with pytest.raises(Problem) as refused, transaction.atomic():
        note_by_hand(number, kind, due)
    assert refused.value.slug == "a-deadline-is-noted-once-and-when-it-is-so"
    assert deals.read_one(number).view.version == chain + 4


def test_a_sweep_with_nothing_due_reads_one_index(company):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + waiting._DUE, [[], 1, 0, 50])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "ledger_standing_by_watch" in plan and "Seq Scan" not in plan
