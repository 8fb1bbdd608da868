from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.rules.progress import progress

FIRST, UNTIL = date(2026, 10, 1), date(2027, 1, 1)


def at(value, goal=1000, base=0, today=date(2026, 11, 16)):
    return progress(value, base, goal, FIRST, UNTIL, today)


def test_booked_below_its_plan():
    """Plan 12,400,000 · ▼ 500,000 below."""
    found = at(11_900_000_00, goal=12_400_000_00)
    assert found.gap == -500_000_00 and found.percent == 95 and found.state == "on track"


def test_half_of_the_time_asks_for_half_of_the_way():
    assert at(500).passed == Fraction(46, 92)
    assert [at(value).state for value in (1000, 500, 450, 449)] == ["reached", "on track", "on track", "behind"]


def test_less_may_be_better():
    """From 40 days to 30: 33 are seven tenths of the way."""
    found = at(33, goal=30, base=40)
    assert (found.share, found.gap) == (Fraction(7, 10), 3)


def test_a_share_is_measured_exactly():
    assert at(Decimal("0.5"), goal=1).percent == 50


def test_what_cannot_be_measured_claims_nothing():
    assert (at(None).state, at(None).gap, at(None).percent) == ("unknown", None, None)


def test_before_its_period_a_target_is_not_behind():
    assert at(0, today=date(2026, 9, 30)).state == "not begun"
    assert at(0, today=date(2027, 2, 1)).passed == 1


@pytest.mark.parametrize(("value", "percent"), [(999, 99), (-1, -1), (1500, 150)])
def test_per_cents_are_rounded_down(value, percent):
    assert at(value).percent == percent


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_the_base_is_nothing_of_the_way_and_the_goal_all_of_it(value, base, goal):
    if base == goal:
        return
    found = at(value, goal=goal, base=base)
    assert at(base, goal=goal, base=base).share == 0 and at(goal, goal=goal, base=base).share == 1
    assert (found.state == "reached") == (value >= goal if goal > base else value <= goal)
