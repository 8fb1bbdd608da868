"""Waivers by the worked numbers of DESIGN.md 8, and by property."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules import waiver as rules
from governance.rules.waiver import Waiver
from tests.pipeline.rules.cases import POLICY

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def waiver(**changes):
    known = {
        "id": 7, "key": "credit-approved", "reason": "evidence-late", "unit": "east", "requester": 3,
        "requester_function": "sales", "requested_at": NOON, "valid_until": NOON + timedelta(days=14),
        "value_minor": 25_000_000, "state": "granted", "decided_at": NOON,
    }  # fmt: skip
    return Waiver(**{**known, **changes})


def test_a_quarter_of_a_million_for_ten_days_is_two_and_a_half_million_currency_days():
    assert rules.debt(waiver(), NOON + timedelta(days=10)) == 2_500_000_00


def test_debt_ends_when_it_is_repaid_or_over_and_begins_with_the_second_signature():
    repaid = waiver(state="repaid", closed_at=NOON + timedelta(days=3, minutes=1))
    assert rules.debt(repaid, NOON + timedelta(days=90)) == 4 * 250_000_00
    assert rules.debt(waiver(), NOON + timedelta(days=90)) == 14 * 250_000_00
    assert rules.debt(waiver(state="requested", decided_at=None), NOON + timedelta(days=9)) == 0
    assert rules.debt(waiver(state="refused", closed_at=NOON), NOON + timedelta(days=9)) == 0


def test_a_budget_says_what_is_left():
    assert rules.over_budget(None, 10**15, 1) is None
    assert rules.over_budget(1_000_000_000, 750_000_000, 250_000_000) is None
    said = rules.over_budget(1_000_000_000, 750_000_000, 250_000_100)
    assert said is not None and "2,500,001 currency-days and the team has 2,500,000 of 10,000,000 left" in said


@pytest.mark.parametrize(
    ("day", "start", "began"),
    [
        (date(2026, 11, 22), 1, date(2026, 10, 1)),
        (date(2026, 1, 31), 1, date(2026, 1, 1)),
        (date(2026, 1, 31), 12, date(2025, 12, 1)),
        (date(2026, 11, 22), 4, date(2026, 10, 1)),
        (date(2026, 2, 1), 3, date(2025, 12, 1)),
    ],
)
def test_a_quarter_begins_with_the_fiscal_year(day, start, began):
    assert rules.quarter_began(day, start) == began


def test_a_waiver_ends_at_the_end_of_work_and_within_fourteen_days():
    assert rules.end_of(date(2026, 11, 25), NOON, "Europe/Berlin") == datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert rules.end_of(date(2026, 12, 6), NOON, "Europe/Berlin") == NOON + timedelta(days=14)


def faults(key="credit-approved", reason="evidence-late", day=date(2026, 12, 6), step="The CFO called the bank"):
    return [fault.code for fault in rules.faults(POLICY, key, reason, day, step, date(2026, 11, 22), NOON, "UTC")]


def test_every_fault_at_once():
    assert faults() == []
    assert faults(day=date(2026, 12, 7)) == ["WAIVER-3"]
    assert faults(day=date(2026, 11, 21)) == ["WAIVER-3"]
    assert faults("attested-sales") == ["WAIVER-1"], "a signature is never waived"
    assert faults("moon", "because", None, " ") == ["WAIVER-1", "WAIVER-2", "WAIVER-3", "WAIVER-4"]


def test_a_deal_returns_before_the_first_gate_that_asked():
    assert rules.returns_to(POLICY, "booked", "credit-approved") == "solution"
    assert rules.returns_to(POLICY, "commit", "credit-approved") == "solution"
    assert rules.returns_to(POLICY, "solution", "credit-approved") is None
    assert rules.returns_to(POLICY, "booked", "contract-signed") == "commit"
    assert rules.returns_to(POLICY, "lost", "contract-signed") is None


@given(
    st.integers(0, 10**12),
    st.timedeltas(timedelta(), timedelta(days=60)),
    st.timedeltas(timedelta(), timedelta(days=60)),
)
def test_debt_never_shrinks_and_never_exceeds_what_was_promised(amount, first, more):
    one = waiver(value_minor=amount)
    early, late = rules.debt(one, NOON + first), rules.debt(one, NOON + first + more)
    assert 0 <= early <= late <= rules.promised(one, NOON) == amount * 14
