from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.repeats import Giving, too_often

START = datetime(2026, 11, 1, tzinfo=UTC)


def given_on(*days, person=1):
    return [Giving(person, deal, START + timedelta(days=day)) for deal, day in enumerate(days, 1)]


def test_three_within_seven_days_are_too_many():
    assert too_often(given_on(0, 3, 7)) == {1, 2, 3}


def test_two_are_not_nor_are_three_in_more_than_seven_days():
    assert too_often(given_on(0, 1)) == frozenset()
    assert too_often(given_on(0, 3, 7.01)) == frozenset()


def test_people_are_counted_apart_and_a_deal_counts_once():
    assert too_often([*given_on(0, 0), *given_on(0, person=2)]) == frozenset()
    assert too_often([Giving(1, 5, START + timedelta(hours=hour)) for hour in range(4)]) == frozenset()


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(0, 20)), max_size=12))
def test_a_deal_is_named_exactly_when_a_week_of_one_person_holds_three(rows):
    givings = [Giving(person, deal, START + timedelta(days=day)) for person, deal, day in rows]
    named = set()
    for first in givings:
        week = {
            one.deal
            for one in givings
            if one.person == first.person and timedelta() <= one.at - first.at <= timedelta(days=7)
        }
        if len(week) >= 3:
            named |= week
    assert too_often(givings) == named
