"""The book of revenue: whatever passes, its parts sum to the whole, and going back restores what it held."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.schedule import Cause, Terms, baseline, equal_months, following, schedule, term_days
from reporting.rules import revenue
from reporting.rules.revenue import BASELINE, EXPECTED, FORGONE, RECOGNISED, UNSCHEDULED, Owner, Plan
from tests.reporting.rules.test_variance import agreed, days, slipped

OWNER = Owner("east", 7)


@st.composite
def plans(draw, terms=None):
    state = draw(st.sampled_from(["scheduled", "unbooked", "cancelled"]))
    through = None if state == "unbooked" else draw(days)
    through = through.replace(day=1) if state == "scheduled" else through
    return Plan(terms or draw(agreed()), tuple(draw(slipped())), state, OWNER, through)


def of(book, *places):
    return sum(amount for at, amount in book.items() if at.place in places)


def moved(held, plan):
    """The book after as many entries as it takes, each of which sums to zero."""
    while lines := revenue.moves(1, held, plan, "advance", "USD"):
        assert sum(line.amount for line in lines) == 0 and len(lines) <= revenue.MOST_LINES + 1
        held = revenue.after(held, lines)
    return held


@given(plans())
def test_the_parts_sum_to_the_whole(plan):
    book = moved({}, plan)
    whole = 0 if plan.state == "unbooked" else plan.terms.amount
    assert of(book, BASELINE) == plan.terms.amount
    assert of(book, EXPECTED, RECOGNISED, FORGONE) == whole
    assert of(book, EXPECTED) == 0 or plan.state == "scheduled"
    assert of(book, UNSCHEDULED) == -plan.terms.amount - whole


@given(st.data())
def test_going_back_restores_the_book(data):
    first = data.draw(plans())
    other = data.draw(plans(first.terms))
    before = moved({}, first)
    assert moved(moved(before, other), first) == before


@given(agreed(), slipped(), days)
def test_what_is_recognised_has_passed_and_only_grows(terms, causes, day):
    day = day.replace(day=1)
    now = Plan(terms, tuple(causes), "scheduled", OWNER, day)
    then = now._replace(through=following(day))
    one, other = moved({}, now), moved({}, then)
    assert all(at.period < day for at in one if at.place == RECOGNISED)
    assert all(at.period >= day for at in one if at.place == EXPECTED)
    assert 0 <= of(one, RECOGNISED) <= of(other, RECOGNISED)


@given(agreed(), slipped(), days)
def test_days_before_a_day_are_part_of_the_schedule(terms, causes, day):
    whole, part = schedule(terms, causes).revenue, schedule(terms, causes, day).revenue
    assert all(0 < amount <= whole[month] for month, amount in part.items())
    passed = {month: amount for month, amount in whole.items() if following(month) <= day}
    assert {month: amount for month, amount in part.items() if following(month) <= day} == passed


@given(agreed(), slipped(), days)
def test_somebody_looks_again_after_the_next_month_that_delivers(terms, causes, today):
    plan = Plan(terms, tuple(causes), "scheduled", OWNER, today.replace(day=1))
    looks = revenue.look_on(plan, today)
    ahead = [month for month in schedule(terms, causes).revenue if month >= today.replace(day=1)]
    assert looks == (following(min(ahead)) if ahead else None)
    assert looks is None or looks > today
    guessed = Cause("permit", terms.start, terms.start + timedelta(days=5), 0, True, True)
    assert revenue.look_on(plan._replace(causes=(guessed,)), today) == today + timedelta(days=1)


@given(st.integers(1, 10**13), days, st.integers(1, 36))
def test_equal_months_differ_by_a_minor_unit_at_most(amount, start, number):
    parts = equal_months(start, number)
    terms = Terms(amount, start, term_days(start, number, "months"), "shift", parts)
    assert sum(baseline(terms).values()) == amount
    earned, before = [], 0
    for point in parts:
        so_far = sum(schedule(terms, (), point.on + timedelta(days=1)).revenue.values())
        earned.append(so_far - before)
        before = so_far
    assert max(earned) - min(earned) <= 1
    assert parts[-1].on == terms.end - timedelta(days=1)


def test_what_may_be_delivered_by_the_state():
    today, passed = date(2028, 5, 17), date(2028, 3, 2)
    assert revenue.through("scheduled", None, None, today) == date(2028, 5, 1)
    assert revenue.through("unbooked", "scheduled", date(2028, 5, 1), today) is None
    assert revenue.through("cancelled", "scheduled", date(2028, 5, 1), today) == today
    assert revenue.through("cancelled", "cancelled", passed, today) == passed
    assert revenue.through("cancelled", "unbooked", None, today) is None
