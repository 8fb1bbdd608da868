"""The worked dates of DESIGN.md 8, and what holds for any day and calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.alert_due import answer
from pipeline.rules.calendar import Calendar
from tests.pipeline.rules.test_calendar import calendars

BERLIN = Calendar("Europe/Berlin")


def missed(day, calendar=BERLIN):
    found = answer(calendar.end_of_work(day), calendar)
    return found.opens_on, found.due_on


@pytest.mark.parametrize(
    ("day", "opens", "due"),
    [
        (date(2025, 6, 10), date(2025, 6, 11), date(2025, 6, 17)),  # DESIGN.md 8
        (date(2025, 6, 26), date(2025, 6, 27), date(2025, 6, 27)),  # DESIGN.md 8
        (date(2025, 6, 27), date(2025, 6, 30), date(2025, 6, 30)),  # that has passed: the last business day
        (date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 7)),
        (date(2025, 6, 13), date(2025, 6, 16), date(2025, 6, 20)),  # over a weekend
        (date(2025, 6, 23), date(2025, 6, 24), date(2025, 6, 27)),  # before the month ends
    ],
)
def test_the_worked_dates(day, opens, due):
    assert missed(day) == (opens, due)


def test_holidays_of_the_unit_count():
    shut = Calendar("Europe/Berlin", frozenset({date(2025, 6, 12), date(2025, 6, 30)}))
    assert missed(date(2025, 6, 10), shut) == (date(2025, 6, 11), date(2025, 6, 18))
    assert missed(date(2025, 6, 25), shut) == (date(2025, 6, 26), date(2025, 6, 26))


def test_it_is_due_at_the_end_of_work_where_the_unit_is():
    found = answer(datetime(2025, 6, 10, 15, 0, tzinfo=UTC), BERLIN)
    assert found.due_at == datetime(2025, 6, 17, 15, 0, tzinfo=UTC)
    winter = answer(datetime(2025, 10, 22, 15, 0, tzinfo=UTC), BERLIN)
    assert winter.due_at == datetime(2025, 10, 29, 16, 0, tzinfo=UTC), "across the end of daylight saving"


@given(calendars, st.dates(date(2021, 1, 1), date(2034, 12, 31)), st.timedeltas(timedelta(), timedelta(hours=23)))
def test_it_is_due_on_a_business_day_of_its_month_within_five(calendar, day, later):
    found = answer(calendar.end_of_work(day) + later, calendar)
    last = calendar.last_of_month(found.opens_on)
    assert calendar.is_business(found.opens_on) and calendar.is_business(found.due_on)
    assert found.opens_on <= found.due_on <= min(calendar.nth(found.opens_on, 5), last)
    assert found.due_on < last or found.opens_on == last
    assert found.opens_on > calendar.day_of(calendar.end_of_work(day))
