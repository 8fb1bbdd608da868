"""Five interruptions a day, quiet hours, one digest: on the person's own clock, on days of 23 and 25 hours too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.habits import Habits, day_of, digest, interruption, is_quiet

BERLIN = Habits(zone="Europe/Berlin", quiet_from=time(20), quiet_until=time(7), digest_at=time(8))


def berlin(*parts):
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "at", "day"),
    [
        (berlin(2026, 11, 24, 17), berlin(2026, 11, 24, 17), date(2026, 11, 24)),
        (berlin(2026, 11, 24, 19, 59), berlin(2026, 11, 24, 19, 59), date(2026, 11, 24)),
        (berlin(2026, 11, 24, 20), berlin(2026, 11, 25, 7), date(2026, 11, 25)),
        (berlin(2026, 11, 25, 6, 59), berlin(2026, 11, 25, 7), date(2026, 11, 25)),
        (berlin(2026, 11, 25, 7), berlin(2026, 11, 25, 7), date(2026, 11, 25)),
        # 29 March 2026 has 23 hours, 25 October 25; the night ends at seven all the same.
        (berlin(2026, 3, 28, 23), berlin(2026, 3, 29, 7), date(2026, 3, 29)),
        (berlin(2026, 10, 24, 23), berlin(2026, 10, 25, 7), date(2026, 10, 25)),
    ],
)
def test_an_interruption_waits_for_the_end_of_the_night(now, at, day):
    assert interruption(now, BERLIN) == (slot := interruption(now, BERLIN))
    assert (slot.at, slot.day) == (at, day)


def test_the_night_is_as_long_as_the_clock_says():
    spring, autumn = berlin(2026, 3, 28, 23), berlin(2026, 10, 24, 23)
    assert interruption(spring, BERLIN).at - spring == timedelta(hours=7)
    assert interruption(autumn, BERLIN).at - autumn == timedelta(hours=9)


def test_a_pause_at_noon_is_quiet_too_and_equal_ends_are_never_quiet():
    noon = Habits(quiet_from=time(12), quiet_until=time(13))
    at = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    assert interruption(at, noon).at == datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert not is_quiet(at, Habits(quiet_from=time(12, 30), quiet_until=time(12, 30)))


@pytest.mark.parametrize(
    ("now", "after", "at"),
    [
        (berlin(2026, 11, 24, 7, 59), None, berlin(2026, 11, 24, 8)),
        (berlin(2026, 11, 24, 8), None, berlin(2026, 11, 25, 8)),
        (berlin(2026, 11, 24, 7), date(2026, 11, 24), berlin(2026, 11, 25, 8)),
        (berlin(2026, 11, 24, 9), date(2026, 11, 23), berlin(2026, 11, 25, 8)),
    ],
)
def test_the_next_digest(now, after, at):
    assert digest(now, BERLIN, after=after).at == at


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
HABITS = st.builds(
    Habits, zone=st.sampled_from(ZONES), quiet_from=TIMES, quiet_until=TIMES, digest_at=TIMES, at_once=st.just(True)
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, HABITS)
def test_nobody_is_interrupted_in_quiet_hours_or_in_the_past(now, habits):
    slot = interruption(now, habits)
    assert slot.at >= now and not is_quiet(slot.at, habits)
    assert slot.day == day_of(slot.at, habits.zone)
    assert slot.at == now or slot.at - now <= timedelta(hours=50)
    assert interruption(slot.at, habits) == slot


@given(MOMENTS, HABITS)
def test_digests_are_a_day_apart(now, habits):
    first = digest(now, habits)
    second = digest(now, habits, after=first.day)
    assert now < first.at < second.at
    assert second.day == first.day + timedelta(days=1)
    assert timedelta(hours=21) <= second.at - first.at <= timedelta(hours=49)
