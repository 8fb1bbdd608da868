"""Revenue moves in the transaction in which a milestone is missed, verified late or revoked, or a booking falls."""

from collections import Counter
from datetime import date, timedelta

import pytest

from governance.commands import deadlines, milestones
from ledger.models import Posting
from ledger.queries import entries
from pipeline.commands import closing
from pipeline.queries import deals, seats
from tests import walking
from tests.walking import kinds, move_clock

START = date(2025, 4, 1)


def agreed(company):
    """360,000 for a year, booked now: from the first of the month after next, by the day."""
    today = seats.now().date()
    month = today.year * 12 + today.month + 1
    start = date(month // 12, month % 12 + 1, 1)
    close = today + timedelta(days=5)
    number = walking.booked(company, amount="360000.00", close_on=close.isoformat(), start_on=start.isoformat(),
                            delivery_months=12, delivery_units=10)  # fmt: skip
    return number, start


def held(number):
    found = Counter()
    for line in Posting.objects.filter(deal_id=number, book="revenue"):
        found[line.place, line.period] += line.amount
    return {place: amount for place, amount in found.items() if amount}


def months(number, place):
    return {period: amount for (at, period), amount in held(number).items() if at == place}


def said(number, kind):
    return next(entry.body for entry in entries.timeline(f"deal/{number}", limit=200) if entry.kind == kind)


def miss(number):
    move_clock(deals.read_one(number).standings["delivered"].due_at)
    deadlines.sweep()


def test_a_booking_is_scheduled_by_month_in_its_transaction(company):
    number, start = agreed(company)
    assert kinds(number)[-1] == "revenue.scheduled"
    baseline = months(number, "baseline")
    assert baseline == months(number, "expected")
    assert (sum(baseline.values()), len(baseline), min(baseline)) == (36_000_000, 12, start)
    assert months(number, "unscheduled") == {start: -72_000_000}


def test_a_miss_moves_the_money_at_once(company):
    number, start = agreed(company)
    before = len(kinds(number))
    miss(number)
    assert kinds(number)[before:] == ["milestone.started_late", "milestone.missed", "variance.recorded"]
    body = said(number, "variance.recorded")
    [cause] = body["causes"]
    assert cause == {
        "key": "delivered", "due_on": start.isoformat(), "expected_on": (start + timedelta(days=14)).isoformat(),
        "float_days": 0, "blocks": True, "estimate": True,
    }  # fmt: skip
    assert {line["cause"] for line in body["postings"]} == {"milestone_miss"}
    expected = months(number, "expected")
    assert sum(expected.values()) == 36_000_000
    length = (max(months(number, "baseline")).replace(day=28) - start).days
    assert length > 300
    days = (date(start.year + start.month // 12, start.month % 12 + 1, 1) - start).days
    term = (start.replace(year=start.year + 1) - start).days
    assert expected[start] == round(36_000_000 * (days - 14) / term)


def test_what_the_miss_itself_says_is_what_moved(company):
    number, start = agreed(company)
    miss(number)
    body = said(number, "milestone.missed")
    moved = {
        period: amount - months(number, "expected").get(period, 0)
        for period, amount in months(number, "baseline").items()
    }
    stake = {date.fromisoformat(part["period"]): part["amount_minor"] for part in body["at_stake"]}
    assert stake == {period: amount for period, amount in moved.items() if amount > 0}
    assert (body["expected_on"], body["estimate_days"]) == ((start + timedelta(days=14)).isoformat(), 14)


def test_a_late_verification_replaces_the_estimate_by_the_day(company):
    number, start = agreed(company)
    miss(number)
    move_clock(seats.now() + timedelta(days=3))
    row = walking.submitted(company, number, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    assert kinds(number)[-2:] == ["milestone.verified", "variance.recorded"]
    [cause] = said(number, "variance.recorded")["causes"]
    assert (cause["expected_on"], cause["estimate"]) == ((start + timedelta(days=3)).isoformat(), False)
    assert sum(months(number, "expected").values()) == 36_000_000


def test_in_time_nothing_moves(company):
    number, _ = agreed(company)
    row = walking.submitted(company, number, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    assert "variance.recorded" not in kinds(number)


def test_what_does_not_block_moves_no_revenue(company):
    number, _ = agreed(company)
    row = walking.submitted(company, number, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    move_clock(deals.read_one(number).standings["invoiced"].due_at)
    deadlines.sweep()
    assert kinds(number)[-1] == "milestone.missed"
    assert said(number, "milestone.missed")["at_stake"] == [
        {"period": deals.read_one(number).view.period.isoformat(), "amount_minor": 36_000_000}
    ]


def test_a_booking_that_falls_is_expected_no_more_and_returns_with_it(company):
    number, start = agreed(company)
    row = walking.milestone(number, "capacity-confirmed")
    milestones.revoke(row, "the line is down", by=company.by("ops2"))
    assert kinds(number)[-4:] == [
        "milestone.revoked", "reservation.released", "booking.reversed", "variance.recorded",
    ]  # fmt: skip
    assert months(number, "expected") == {}
    assert sum(months(number, "baseline").values()) == 36_000_000
    walking.verified(company, number, "capacity-confirmed")
    assert kinds(number)[-1] == "revenue.scheduled"
    assert months(number, "expected") == months(number, "baseline")
    assert months(number, "unscheduled") == {start: -72_000_000}


def test_a_cancelled_deal_forgoes_all(company):
    number, _ = agreed(company)
    closing.lose(number, "price", by=company.by("rep"))
    assert months(number, "expected") == {}
    assert months(number, "forgone") == months(number, "baseline")


def test_a_deal_of_a_decade_is_scheduled_in_several_entries(company):
    number = walking.booked(company, delivery_months=120)
    assert kinds(number).count("revenue.scheduled") > 1
    assert months(number, "expected") == months(number, "baseline")
    assert sum(months(number, "baseline").values()) == 10_000_000


def test_the_median_of_past_slips_replaces_the_default(company):
    slips = [2, 3, 4, 5, 6, 7, 8, 9]
    numbers = [agreed(company)[0] for _ in slips]
    last, start = agreed(company)
    due = deals.read_one(last).standings["delivered"].due_at
    for number, days in zip(numbers, slips, strict=True):
        move_clock(due + timedelta(days=days))
        row = walking.submitted(company, number, "delivered", "ops")
        milestones.verify(row, by=company.by("ops2"))
    deadlines.sweep()
    told = entries.timeline(f"deal/{last}", limit=200)
    [body] = [entry.body for entry in told if entry.kind == "milestone.missed" and entry.body["key"] == "delivered"]
    assert body["estimate_days"] == 5
    assert body["expected_on"] == (start + timedelta(days=9 + 5)).isoformat()


@pytest.mark.parametrize("act", ["miss", "book", "lose"])
def test_every_entry_sums_to_zero(company, act):
    number, _ = agreed(company)
    if act == "miss":
        miss(number)
    elif act == "lose":
        closing.lose(number, "price", by=company.by("rep"))
    sums = Counter()
    for line in Posting.objects.filter(deal_id=number, book="revenue"):
        sums[line.entry_id] += line.amount
    assert sums and set(sums.values()) == {0}
