"""Three days of trying with growing, jittered pauses; then it ends and somebody is told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.retrying import LONGEST_PAUSE, PATIENCE, Outcome, judge, of_http, pause

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_pauses():
    assert [pause(n, 0.5).total_seconds() for n in range(1, 9)] == [5, 25, 125, 625, 3125, 15625, 21600, 21600]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_pause_is_jittered_by_a_fifth_and_never_beyond_the_longest(failures, luck):
    middle = pause(failures, 0.5)
    assert 0.8 * middle <= pause(failures, luck) <= 1.2 * middle
    assert middle <= LONGEST_PAUSE and pause(failures + 1, 0.5) >= middle


def judged(result, age=timedelta(), **more):
    return judge(Outcome(result, **more), now=NOW, failures=1, since=NOW - age, luck=0.5)


def test_trouble_holds_the_receiver_and_a_refusal_only_its_message():
    assert (judged("trouble").scope, judged("trouble").again) == ("receiver", NOW + timedelta(seconds=5))
    assert (judged("refused").scope, judged("refused").again) == ("delivery", NOW + timedelta(seconds=5))


def test_after_three_days_it_ends_and_what_is_hopeless_ends_at_once():
    assert judged("trouble", PATIENCE - timedelta(seconds=1)).again is not None
    assert judged("trouble", PATIENCE).again is None and judged("refused", PATIENCE).again is None
    assert judged("hopeless").again is None


def test_a_receiver_may_ask_for_a_longer_wait_but_not_for_ever():
    assert judged("trouble", wait=timedelta(minutes=10)).again == NOW + timedelta(minutes=10)
    assert judged("trouble", wait=timedelta(days=30)).again == NOW + LONGEST_PAUSE
    assert judged("trouble", wait=timedelta(seconds=1)).again == NOW + timedelta(seconds=5)


def test_a_dead_receiver_is_tried_about_twenty_times_and_not_one_day_longer():
    at, failures = NOW, 0
    while True:
        failures += 1
        verdict = judge(Outcome("trouble"), now=at, failures=failures, since=NOW, luck=0.5)
        if verdict.again is None:
            break
        at = verdict.again
    assert 15 <= failures <= 25
    assert PATIENCE <= at - NOW <= PATIENCE + 1.2 * LONGEST_PAUSE


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, "delivered"), (204, "delivered"), (301, "hopeless"), (307, "hopeless"), (400, "refused"),
        (401, "refused"), (404, "refused"), (408, "trouble"), (410, "hopeless"), (425, "trouble"), (429, "trouble"),
        (500, "trouble"),
        (503, "trouble"),
    ],
)  # fmt: skip
def test_what_an_answer_means(status, result):
    assert of_http(status) == result
