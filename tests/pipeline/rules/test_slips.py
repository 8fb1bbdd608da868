"""Which milestones do not keep their day, and when they are expected now."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ledger.rules.standing import Standing
from pipeline.rules import slips
from pipeline.rules.policy import MilestoneTemplate

DUE = datetime(2025, 4, 1, 17, tzinfo=UTC)
START = date(2025, 4, 1)
TEMPLATE = MilestoneTemplate(
    "installation", "Installation", "operations", "booked", "delivery_start", 0, 14, blocks=True
)
OPEN = Standing("installation", "unmet", "started", due_at=DUE, first_due_at=DUE)


def cause(standing, now, template=TEMPLATE, estimate=14, start=START):
    return slips.cause_of(template, start, standing, now, "UTC", estimate)


def at(month, day, hour=9):
    return datetime(2025, month, day, hour, tzinfo=UTC)


def test_what_is_not_due_yet_is_expected_on_its_day():
    assert cause(OPEN, at(4, 1, 16)) is None


@pytest.mark.parametrize(("today", "expected"), [((4, 1, 17), date(2025, 4, 15)), ((4, 2, 9), date(2025, 4, 16))])
def test_an_overdue_one_is_expected_an_estimate_from_today_and_moves_daily(today, expected):
    found = cause(OPEN, at(*today))
    assert (found.expected, found.estimate) == (expected, True)


def test_a_replan_is_what_is_expected_until_it_is_overdue_itself():
    replanned = replace(OPEN, due_at=datetime(2025, 5, 16, 17, tzinfo=UTC), missed_at=None)
    found = cause(replanned, at(4, 20))
    assert (found.expected, found.slip, found.estimate) == (date(2025, 5, 16), 45, False)
    assert cause(replanned, at(5, 17)).expected == date(2025, 5, 31)


def test_a_late_verification_ends_the_slip_on_its_day():
    done = replace(OPEN, effect="met", status="verified", at=at(5, 16))
    assert (cause(done, at(6, 1)).expected, cause(done, at(6, 1)).estimate) == (date(2025, 5, 16), False)
    assert cause(replace(done, at=at(4, 1, 18)), at(6, 1)) is None


def test_float_is_stated_or_what_lies_between_due_and_start():
    overdue = at(4, 10)
    assert cause(OPEN, overdue).float_days == 0
    assert cause(OPEN, overdue, replace(TEMPLATE, float_days=15)).float_days == 15
    assert cause(OPEN, overdue, start=date(2025, 4, 11)).float_days == 10
    assert cause(OPEN, overdue, replace(TEMPLATE, lag_days=4), start=date(2025, 4, 11)).float_days == 6


@pytest.mark.parametrize("change", [{"status": "released"}, {"effect": "waived", "status": "granted"}])
def test_what_is_not_owed_moves_nothing(change):
    assert cause(replace(OPEN, **change), at(5, 1)) is None
