"""Business days, holidays and daylight saving."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.calendar import Calendar

CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
calendars = st.builds(
    Calendar,
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]),
    st.frozensets(days, max_size=40),
)


def test_weekends_and_holidays_are_no_business_days():
    calendar = Calendar("Europe/Berlin", CHRISTMAS)
    assert calendar.after(date(2026, 12, 24)) == date(2026, 12, 29)
    assert calendar.before(date(2026, 12, 29)) == date(2026, 12, 24)
    assert calendar.nth(date(2026, 12, 26), 2) == date(2026, 12, 30)
    assert calendar.last_of_month(date(2026, 12, 3)) == date(2026, 12, 31)
    assert calendar.last_of_month(date(2027, 1, 31)) == date(2027, 1, 29)


@pytest.mark.parametrize(
    ("day", "hour"),
    [(date(2026, 3, 28), 16), (date(2026, 3, 29), 15), (date(2026, 10, 24), 15), (date(2026, 10, 25), 16)],
)
def test_five_in_the_afternoon_moves_with_daylight_saving(day, hour):
    moment = Calendar("Europe/Berlin").end_of_work(day)
    assert moment == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_moment_belongs_to_the_local_day():
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert Calendar("Europe/Berlin").day_of(late) == date(2026, 7, 1)
    assert Calendar("America/New_York").day_of(late) == date(2026, 6, 30)


def test_a_calendar_without_business_days_is_named():
    shut = Calendar("UTC", frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(800)))
    with pytest.raises(ValueError, match="no business day"):
        shut.after(date(2026, 1, 5))


@given(calendars, days)
def test_after_and_before_are_neighbours(calendar, day):
    following = calendar.after(day)
    assert following > day and calendar.is_business(following)
    between = [day + timedelta(days=n) for n in range(1, (following - day).days)]
    assert not any(map(calendar.is_business, between))
    if calendar.is_business(day):
        assert calendar.before(following) == day


@given(calendars, days, st.integers(1, 15))
def test_the_nth_business_day_has_that_many_before_it(calendar, day, number):
    found = calendar.nth(day, number)
    walked = [day + timedelta(days=n) for n in range((found - day).days + 1)]
    assert sum(map(calendar.is_business, walked)) == number
