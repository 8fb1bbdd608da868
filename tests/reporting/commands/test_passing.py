"""As days pass, what was delivered is recognised, and what is overdue is expected a day later each day."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from governance.commands import deadlines, milestones
from ledger.models import Posting
from pipeline.commands import closing
from pipeline.queries.deals import ref_of
from reporting.commands import passing
from reporting.queries import revenue
from tests import walking
from tests.programs import Program
from tests.walking import kinds, move_clock

APRIL, MAY, JUNE = date(2028, 4, 1), date(2028, 5, 1), date(2028, 6, 1)
CENTS = {APRIL: 2_958_904, MAY: 3_057_534, JUNE: 2_958_904}


def day(*on, hour=9):
    return datetime(*on, hour, tzinfo=UTC)


def months(number, place):
    found = Counter()
    for line in Posting.objects.filter(deal_id=number, book="revenue", place=place):
        found[line.period] += line.amount
    return {period: amount for period, amount in found.items() if amount}


def newest(number):
    return revenue.known([number])[number].last


@pytest.fixture
def deal(company):
    return walking.booked(company, amount="360000.00", close_on="2028-03-01", start_on="2028-04-01", delivery_months=12)


@pytest.fixture
def delivered(company, deal):
    """Its installation was verified in time."""
    row = walking.submitted(company, deal, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    return deal


def test_a_month_is_recognised_when_it_has_passed(delivered):
    assert newest(delivered)["look_on"] == "2028-05-01"
    move_clock(day(2028, 4, 30))
    assert passing.sweep() == 0
    move_clock(day(2028, 5, 1))
    assert passing.sweep() == 1
    assert kinds(delivered)[-1] == "revenue.recognised"
    assert (months(delivered, "recognised"), months(delivered, "expected").get(APRIL)) == ({APRIL: 2_958_904}, None)
    assert sum(months(delivered, "expected").values()) + 2_958_904 == 36_000_000
    assert newest(delivered)["look_on"] == "2028-06-01"
    assert passing.sweep() == 0


def test_an_outage_of_months_is_caught_up_in_one_entry(delivered):
    move_clock(day(2028, 7, 2))
    before = len(kinds(delivered))
    assert passing.sweep() == 1
    assert kinds(delivered)[before:] == ["revenue.recognised"]
    assert months(delivered, "recognised") == CENTS


def test_the_last_month_ends_it(delivered):
    move_clock(day(2029, 4, 1))
    passing.sweep()
    assert (months(delivered, "expected"), sum(months(delivered, "recognised").values())) == ({}, 36_000_000)
    assert newest(delivered)["look_on"] is None


def test_an_estimate_moves_each_day_until_it_is_replaced(company, deal):
    move_clock(day(2028, 4, 1, hour=17))
    deadlines.sweep()
    assert newest(deal)["look_on"] == "2028-04-02"
    expected = [newest(deal)["causes"][0]["expected_on"]]
    for at in (2, 3, 10):
        move_clock(day(2028, 4, at))
        assert passing.sweep() == 1
        assert passing.sweep() == 0
        expected.append(newest(deal)["causes"][0]["expected_on"])
    assert expected == ["2028-04-15", "2028-04-16", "2028-04-17", "2028-04-24"]
    assert kinds(deal)[-3:] == ["variance.recorded"] * 3
    assert months(deal, "expected")[APRIL] == round(36_000_000 * 7 / 365)
    row = walking.submitted(company, deal, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    assert newest(deal)["look_on"] == "2028-05-01"


def test_nothing_that_was_not_delivered_is_recognised(company, deal):
    """Missed on 1 April and still open in May: all of April has moved on."""
    move_clock(day(2028, 4, 1, hour=17))
    deadlines.sweep()
    move_clock(day(2028, 5, 10))
    passing.sweep()
    assert months(deal, "recognised") == {}
    assert newest(deal)["causes"][0]["expected_on"] == "2028-05-24"


def test_a_cancelled_deal_keeps_what_was_delivered_to_the_day(company, delivered):
    move_clock(day(2028, 5, 17))
    closing.lose(delivered, "price", by=company.by("rep"))
    done = {APRIL: 2_958_904, MAY: 1_578_082}  # 46 of 365 days
    assert months(delivered, "recognised") == done
    assert months(delivered, "expected") == {}
    assert sum(months(delivered, "forgone").values()) == 36_000_000 - sum(done.values())
    assert passing.sweep() == 0


def test_what_is_not_booked_is_no_revenue_and_returns_with_the_booking(company, delivered):
    move_clock(day(2028, 5, 17))
    passing.sweep()
    row = walking.milestone(delivered, "capacity-confirmed")
    milestones.revoke(row, "the line is down", by=company.by("ops2"))
    assert (months(delivered, "recognised"), months(delivered, "expected")) == ({}, {})
    walking.verified(company, delivered, "capacity-confirmed")
    assert months(delivered, "recognised") == {APRIL: 2_958_904}


@pytest.mark.parametrize("address", ["/variance/?deal={}", "/variance/?period=2028-Q2"])
def test_a_reader_sees_today_although_nobody_followed_the_days(company, deal, address):
    move_clock(day(2028, 4, 1, hour=17))
    deadlines.sweep()
    move_clock(day(2028, 4, 10))
    row = Program(company, "rep").get(address.format(ref_of(deal))).json()["rows"][0]
    assert (newest(deal)["causes"][0]["expected_on"], row["period"]) == ("2028-04-24", "2028-04")
    assert row["variance"] == f"{round(36_000_000 * 7 / 365) / 100 - 29589.04:.2f}"
    written = len(kinds(deal))
    Program(company, "rep").get(address.format(ref_of(deal)))
    assert len(kinds(deal)) == written
