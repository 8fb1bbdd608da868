"""At what was submitted: a question stops the verifier's clock and nothing else; hand overs; undoing."""

from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.commands import deadlines, milestones, turns
from governance.queries import heartbeat, queue
from governance.queries import milestones as rows
from ledger.commands.append import Draft, append, lock
from ledger.queries import entries, moment
from ledger.rules.problems import Problem
from pipeline.commands import advancing
from pipeline.queries import deals, seats
from pipeline.queries.reading import reading
from tests import walking

PLAN, CREDIT = "delivery-plan-accepted", "credit-approved"


@pytest.fixture
def submitted(company):
    number = walking.solution(company)
    return number, walking.submitted(company, number, PLAN, "ops")


def refused(slug, run, *args, **more):
    with pytest.raises(Problem) as caught, transaction.atomic():
        run(*args, **more)
    assert caught.value.slug == slug, caught.value
    return caught.value


def state(number, *, turn=True):
    """Every protected row of the deal's obligations, but which entry wrote a turn last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_standing WHERE stream = %s ORDER BY key", [f"deal/{number}"])
        standings = cursor.fetchall()
        cursor.execute(
            "SELECT submission, handed_to, question, asked_by, asked_of, asked_at, stopped_us FROM governance_turn"
            " WHERE stream = %s AND (handed_to IS NOT NULL OR question IS NOT NULL OR stopped_us > 0) ORDER BY 1",
            [f"deal/{number}"],
        )
        return standings, cursor.fetchall() if turn else []


def later(hours):
    return walking.move_clock(seats.now() + timedelta(hours=hours))


def test_a_question_stops_the_verifiers_clock_until_it_is_answered(company, submitted):
    number, row = submitted
    later(2)
    turns.ask(row, "Which week is meant?", by=company.by("ops2"))
    asked = rows.one(row)
    assert (asked.asked_by, asked.asked_of) == (company.person("ops2").pk, company.person("ops").pk)
    later(30)
    resting = rows.one(row)
    assert timedelta(hours=2) <= seats.now() - resting.waits_since(seats.now()) < timedelta(hours=2, seconds=20)
    turns.answer(row, "Week 51", by=company.by("ops"))
    done = rows.one(row)
    assert done.question is None and done.asked_at is None
    assert timedelta(hours=30) <= timedelta(microseconds=done.stopped_us) < timedelta(hours=30, seconds=20)
    assert done.judged_by - done.due_at == timedelta(microseconds=done.stopped_us)
    assert walking.kinds(number)[-3:] == ["milestone.submitted", "milestone.asked", "milestone.answered"]
    said = [entry.private for entry in entries.timeline(f"deal/{number}", limit=2)]
    assert said == [{"answer": "Week 51"}, {"question": "Which week is meant?"}]
    milestones.verify(row, by=company.by("ops2"))
    assert walking.standing(number, PLAN).status == "verified"


def test_an_open_question_is_no_way_around_a_miss(company, submitted):
    number, row = submitted
    due = walking.standing(number, PLAN).due_at
    turns.ask(row, "Which week is meant?", by=company.by("ops2"))
    walking.move_clock(due + timedelta(seconds=1))
    deadlines.sweep()
    standing = walking.standing(number, PLAN)
    assert standing.due_at == due and standing.missed_at is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM governance_alert WHERE milestone_id = %s", [row])
        assert cursor.fetchone()[0] == 1


def test_the_pulse_of_a_function_rests_with_the_question(company, submitted):
    _number, row = submitted
    turns.ask(row, "Which week is meant?", by=company.by("ops2"))
    later(24 * 8)
    now = seats.now()
    (pulse,) = heartbeat.pulses(now - timedelta(days=7), now, functions=["operations"])
    assert (pulse.waiting, now - pulse.oldest < timedelta(minutes=1)) == (1, True)
    assert not pulse.silent_since(now - timedelta(days=7))


def test_who_asks_could_verify_and_who_was_asked_answers(company, submitted):
    _number, row = submitted
    refused("separation-of-duties", turns.ask, row, "Why?", by=company.by("ops"))
    refused("separation-of-duties", turns.ask, row, "Why?", by=company.by("finance"))
    refused("not-found", turns.ask, row, "Why?", by=company.by("ops_west"))
    assert [f.code for f in refused("bad-input", turns.ask, row, "?", by=company.by("ops2")).faults] == ["TURN-1"]
    refused("no-question", turns.answer, row, "Week 51", by=company.by("ops"))
    turns.ask(row, "Which week is meant?", by=company.by("ops2"))
    refused("question-open", turns.ask, row, "And why?", by=company.by("coo"))
    refused("forbidden", turns.answer, row, "Week 51", by=company.by("rep"))
    assert [f.code for f in refused("bad-input", turns.answer, row, " ", by=company.by("ops")).faults] == ["TURN-2"]


def test_handed_over_it_is_the_turn_of_one_and_still_open_to_the_team(company, submitted):
    number, row = submitted
    coo, ops2 = company.by("coo"), company.by("ops2")
    turns.hand_over(row, company.person("coo").pk, by=ops2, note="I am away")
    assert rows.one(row).handed_to == company.person("coo").pk
    mine = {name: [at.id for at in queue.waiting(reading(company.person(name).pk)).mine] for name in ("coo", "ops2")}
    assert mine == {"coo": [row], "ops2": []}
    assert [at.id for at in queue.waiting(reading(ops2.person)).team] == [row]
    refused("handed-over", turns.hand_over, row, company.person("coo").pk, by=ops2)
    turns.hand_over(row, None, by=coo)
    assert [at.id for at in queue.waiting(reading(ops2.person)).mine] == [row]
    turns.hand_over(row, company.person("coo").pk, by=ops2)
    milestones.verify(row, by=ops2)
    assert walking.standing(number, PLAN).status == "verified"


def test_it_is_handed_over_to_who_may_verify(company, submitted):
    _number, row = submitted
    for name in ("ops", "rep", "finance", "ops_west"):
        faults = refused("bad-input", turns.hand_over, row, company.person(name).pk, by=company.by("ops2")).faults
        assert [fault.code for fault in faults] == ["TURN-11"]
    refused("forbidden", turns.hand_over, row, company.person("coo").pk, by=company.by("rep"))


def test_many_are_handed_over_together_or_none_is(company, submitted):
    number, row = submitted
    credit = walking.submitted(company, number, CREDIT, "finance")
    other = walking.submitted(company, walking.solution(company), PLAN, "ops2")
    coo = company.person("coo").pk
    problem = refused("bad-input", turns.hand_over_all, [row, credit, other], coo, by=company.by("ops2"))
    assert [(fault.pointer, fault.code) for fault in problem.faults] == [("/milestones/1", "TURN-9")]
    assert rows.one(row).handed_to is None
    assert turns.hand_over_all([other, row], coo, by=company.by("ops2")) == 2
    assert {rows.one(at).handed_to for at in (row, other)} == {coo}
    faults = refused("bad-input", turns.hand_over_all, [], coo, by=company.by("ops2")).faults
    assert [fault.code for fault in faults] == ["TURN-8"]


ACTS = st.lists(st.sampled_from(["verify", "reject", "ask", "answer", "hand", "late", "other"]), max_size=6)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, last=st.sampled_from(["verify", "reject", "ask", "hand"]))
def test_undoing_restores_the_state(company, acts, last):
    with transaction.atomic():
        number = walking.solution(company)
        row = walking.submitted(company, number, PLAN, "ops")
        for act in acts:
            _do(company, number, row, act)
        if rows.one(row).state != "submitted":
            milestones_again(company, row)
        if last == "ask" and rows.one(row).question is not None:
            turns.answer(row, "Week 51", by=company.by("ops"))
        before = state(number)
        _do(company, number, row, last)
        assert state(number) != before
        turns.undo(row, by=company.by("ops2"))
        assert state(number) == before
        transaction.set_rollback(True)


def _do(company, number, row, act):
    """The act, where it is possible."""
    ops2, now = company.by("ops2"), rows.one(row)
    open_ = now.question is not None
    if act == "late":
        later(1)
    elif act == "other" and walking.standing(number, CREDIT).status == "planned":
        walking.submitted(company, number, CREDIT, "finance")
    elif now.state != "submitted":
        milestones_again(company, row)
    elif act == "verify":
        milestones.verify(row, by=ops2)
    elif act == "reject":
        milestones.reject(row, "Page two is missing", by=ops2)
    elif act == "ask" and not open_:
        turns.ask(row, "Which week is meant?", by=ops2)
    elif act == "answer" and open_:
        turns.answer(row, "Week 51", by=company.by("ops"))
    elif act == "hand":
        turns.hand_over(row, None if now.handed_to else company.person("coo").pk, by=ops2)


def milestones_again(company, row):
    if rows.one(row).state == "verified":
        milestones.revoke(row, "We look again", by=company.by("ops2"))
    if rows.one(row).state != "submitted":
        milestones.submit(row, by=company.by("ops"))


def test_a_decision_is_undone_by_a_counter_entry_and_taken_again(company, submitted):
    number, row = submitted
    before = seats.now()
    milestones.verify(row, by=company.by("ops2"))
    refused("forbidden", turns.undo, row, by=company.by("coo"))
    verified = seats.now()
    assert turns.undo(row, by=company.by("ops2")) == "milestone.undone"
    assert walking.kinds(number)[-3:] == ["milestone.submitted", "milestone.verified", "milestone.undone"]
    with moment.known_at(verified):
        assert rows.one(row).state == "verified"
    with moment.known_at(before):
        assert rows.one(row).state == "submitted"
    later(1)
    undone = seats.now()
    milestones.reject(row, "Page two is missing", by=company.by("ops2"))
    with moment.known_at(undone):
        found = rows.one(row)
    assert (found.state, found.preparer) == ("submitted", company.person("ops").pk)
    assert turns.undo(row, by=company.by("ops2")) == "milestone.undone"
    milestones.verify(row, by=company.by("ops2"))
    assert walking.standing(number, PLAN).effect == "met"
    refused(
        "nothing-to-undo", turns.undo, walking.submitted(company, number, CREDIT, "finance"), by=company.by("finance2")
    )


def test_what_somebody_built_on_is_not_undone(company, submitted):
    number, row = submitted
    milestones.verify(row, by=company.by("ops2"))
    walking.verified(company, number, CREDIT)
    standings, _turns = state(number)
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    refused("built-on", turns.undo, row, by=company.by("ops2"))
    body = {"key": PLAN, "requirement": "milestone", "undoes": walking.standing(number, PLAN).entry_id}
    with pytest.raises(Error, match="somebody has built on this decision"), transaction.atomic():
        append(lock(f"deal/{number}"), Draft("milestone.undone", body), by=company.by("ops2"))
    assert standings


def test_the_database_keeps_turns_too(company, submitted):
    number, row = submitted
    submission = walking.standing(number, PLAN).entry_id
    said = {"key": PLAN, "requirement": "milestone", "submission": submission}
    ops = company.person("ops").pk
    forged = (
        ("milestone.asked", "ops", {"to": ops}, {"question": "Why?"}, "another person verifies"),
        ("milestone.asked", "ops2", {"to": company.person("rep").pk}, {"question": "Why?"}, "goes to who submitted"),
        ("milestone.asked", "ops2", {"to": ops}, {}, "a question has its words"),
        ("milestone.answered", "ops", {}, {"answer": "Week 51"}, "one question at a time"),
        ("milestone.handed_over", "rep", {"to": None}, {}, "does not hold operations"),
        ("milestone.handed_over", "ops2", {"to": ops}, {}, "to somebody who may verify it"),
        ("milestone.undone", "ops2", {"undoes": submission}, {}, "undone by who took it"),
    )
    for kind, name, more, private, message in forged:
        with pytest.raises(Error, match=message), transaction.atomic():
            append(lock(f"deal/{number}"), Draft(kind, said | more, private=private), by=company.by(name))
    milestones.verify(row, by=company.by("ops2"))
    with pytest.raises(Error, match="not submitted"), transaction.atomic():
        append(lock(f"deal/{number}"), Draft("milestone.handed_over", said | {"to": None}), by=company.by("ops2"))
    assert deals.read_one(number).standings[PLAN].status == "verified"


def test_as_of_a_turn_stands_as_it_stood(company, submitted):
    _number, row = submitted
    turns.ask(row, "Which week is meant?", by=company.by("ops2"))
    asked = seats.now()
    later(5)
    turns.answer(row, "Week 51", by=company.by("ops"))
    turns.hand_over(row, company.person("coo").pk, by=company.by("ops2"))
    answered = seats.now()
    later(1)
    turns.ask(row, "And which day?", by=company.by("coo"))
    with moment.known_at(asked):
        then = rows.one(row)
    assert then.question and then.handed_to is None and then.stopped_us == 0
    with moment.known_at(answered):
        now = rows.one(row)
    assert now.question is None and now.handed_to == company.person("coo").pk
    assert timedelta(hours=5) <= timedelta(microseconds=now.stopped_us) < timedelta(hours=5, seconds=20)
