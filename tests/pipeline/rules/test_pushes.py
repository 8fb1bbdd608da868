"""The worked numbers of DESIGN.md 6, "Expected close and slip"."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules import pushes

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)


def history(*days):
    return [(AT + timedelta(days=at), day) for at, day in enumerate(days)]


def test_the_worked_example():
    moved = pushes.pushes(history(date(2026, 6, 30), date(2026, 8, 15)))
    assert (len(moved), pushes.boundary_pushes(moved)) == (1, 1)
    assert pushes.slip(date(2026, 6, 30), date(2026, 8, 15)) == 46
    assert pushes.expected_close(date(2026, 8, 15), 18) == date(2026, 9, 2)


def test_a_push_inside_its_month_crosses_nothing_and_pulling_in_is_none():
    moved = pushes.pushes(history(date(2026, 6, 10), date(2026, 6, 20), date(2026, 6, 5), None, date(2026, 7, 1)))
    assert [(push.days, push.boundary) for push in moved] == [(10, False), (26, True)]


def test_three_boundary_pushes_want_everything_verified_anew():
    moved = pushes.pushes(history(*(date(2026, month, 15) for month in (3, 4, 5, 6))))
    last = moved[-1].at
    assert not pushes.needs_reverification(moved[:2], {})
    assert pushes.needs_reverification(moved, {})
    assert pushes.needs_reverification(moved, {"contract": last - timedelta(days=1)})
    assert pushes.needs_reverification(moved, {"contract": last + timedelta(days=1), "credit": None})
    assert not pushes.needs_reverification(moved, {"contract": last + timedelta(days=1)})


def test_the_segment_speaks_while_fewer_than_twenty_are_known():
    assert pushes.typical_slip([18] * 20, [5] * 100) == 18
    assert pushes.typical_slip([18] * 19, [5] * 100) == 5
    assert pushes.typical_slip([], []) == 0


@given(st.lists(st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 1, 1))), max_size=12))
def test_pushes_account_for_every_later_day(days):
    known = [day for day in days if day is not None]
    moved = pushes.pushes(history(*days))
    earlier = sum((now - was).days for was, now in pairwise(known) if now < was)
    if known:
        assert sum(push.days for push in moved) + earlier == (known[-1] - known[0]).days
    assert all(push.days > 0 for push in moved)
    assert pushes.boundary_pushes(moved) <= len(moved)
