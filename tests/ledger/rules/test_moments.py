"""A moment in an address: read exactly, written in one way, refused with the way to write it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ledger.rules import moments
from ledger.rules.problems import Problem

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-09-30T12:00:00Z", NOON),
        ("2026-09-30T12:00:00.000001Z", NOON + timedelta(microseconds=1)),
        ("2026-09-30T14:00:00+02:00", NOON),
        ("2026-09-30T14:00:00 02:00", NOON),  # a + that nobody escaped
    ],
)
def test_rfc_3339(said, moment):
    assert moments.parse(said) == moment


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-09-30T14:00", NOON),
        ("2026-09-30", datetime(2026, 9, 30, 21, 59, 59, 999999, tzinfo=UTC)),
        ("2026-09-30T12:00:00Z", NOON),
    ],
)
def test_a_form_writes_the_time_of_the_company(said, moment):
    assert moments.parse(said, "Europe/Berlin") == moment


NONE = ["yesterday", "2026-09-30", "2026-09-30T12:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00", "x" * 500, "2026-09-30T12:00:00Zoo"]  # fmt: skip


@pytest.mark.parametrize("said", NONE)
def test_what_is_no_moment_is_refused(said):
    with pytest.raises(Problem) as refused:
        moments.parse(said)
    [fault] = refused.value.faults
    assert (refused.value.status, fault.pointer, fault.code) == (422, "/as_of", "ASOF-1")
    assert "2026-11-30T17:00:00Z" in fault.message and len(fault.message) < 200


def test_what_is_to_come_is_refused():
    with pytest.raises(Problem, match=r"Nothing is known of 2026-09-30T13:00:00Z yet: now is 2026-09-30T12:00:00Z\."):
        moments.check_past(NOON + timedelta(hours=1), NOON)


@given(some.datetimes(datetime(1901, 1, 1), datetime(8999, 1, 1), timezones=some.just(UTC)))
def test_what_is_written_is_read_again(moment):
    assert moments.parse(moments.text(moment)) == moment
    assert moments.parse(moments.text(moment), "Asia/Tokyo") == moment
