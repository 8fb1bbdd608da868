"""The worked numbers of the design: postings of one deal to the minor unit, and what 5 % of tolerance is."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from pipeline.commands import advancing, amending, closing
from pipeline.queries import deals
from tests import walking
from tests.walking import kinds, move_clock, view

NOVEMBER, DECEMBER = date(2027, 11, 1), date(2027, 12, 1)
VALUE = 100_000_00


def posted(number):
    """(place, month, amount, cause) of the newest entry that moved value."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, period, amount, cause FROM ledger_posting WHERE book = 'bookings' AND entry_id ="
            " (SELECT max(entry_id) FROM ledger_posting WHERE deal_id = %s AND book = 'bookings') ORDER BY id",
            [number],
        )
        return cursor.fetchall()


def test_postings_of_a_deal_from_open_to_booked(company):
    move_clock(datetime(2027, 11, 1, 9, tzinfo=UTC))
    number = walking.opened(company, close_on="2027-11-30", start_on="2028-01-03")
    assert posted(number) == [("source", NOVEMBER, -VALUE, "new"), ("pipeline/qualify", NOVEMBER, VALUE, "new")]

    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    assert posted(number) == [
        ("pipeline/qualify", NOVEMBER, -VALUE, "advance"),
        ("pipeline/solution", NOVEMBER, VALUE, "advance"),
    ]

    amending.amend(number, {"close_on": "2027-12-15"}, by=company.by("rep"))
    assert posted(number) == [
        ("pipeline/solution", NOVEMBER, -VALUE, "slipped"),
        ("pipeline/solution", DECEMBER, VALUE, "slipped"),
    ]

    for key in walking.BEFORE_COMMIT:
        walking.verified(company, number, key)
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    for key in walking.BEFORE_BOOKED:
        walking.verified(company, number, key)
    move_clock(datetime(2027, 12, 15, 9, tzinfo=UTC))
    walking.attested(company, number)
    assert posted(number) == [("pipeline/commit", DECEMBER, -VALUE, "won"), ("booked", DECEMBER, VALUE, "won")]


def test_other_moves(company):
    move_clock(datetime(2027, 11, 1, 9, tzinfo=UTC))
    number = walking.opened(company, close_on="2027-12-31", start_on="2028-01-03")
    place = "pipeline/qualify"
    amending.amend(number, {"close_on": "2027-11-30"}, by=company.by("rep"))
    assert posted(number) == [(place, DECEMBER, -VALUE, "pulled_in"), (place, NOVEMBER, VALUE, "pulled_in")]
    amending.amend(number, {"amount": "120000.00", "currency": "USD"}, by=company.by("rep"))
    assert posted(number) == [("source", NOVEMBER, -20_000_00, "amount"), (place, NOVEMBER, 20_000_00, "amount")]
    closing.assign(number, company.seats["rep2"], by=company.by("manager"))
    assert posted(number) == [(place, NOVEMBER, -120_000_00, "transfer"), (place, NOVEMBER, 120_000_00, "transfer")]
    closing.lose(number, "price", by=company.by("rep2"))
    assert posted(number) == [(place, NOVEMBER, -120_000_00, "lost"), ("lost", NOVEMBER, 120_000_00, "lost")]
    closing.reopen(number, "They call again", by=company.by("rep2"))
    assert posted(number) == [("lost", NOVEMBER, -120_000_00, "reopened"), (place, NOVEMBER, 120_000_00, "reopened")]


def reprice(company, number, amount):
    amending.amend(number, {"amount": amount, "currency": "USD"}, by=company.by("rep"))
    return deals.read_one(number).standings["credit-approved"].status


def test_credit_for_250_000_with_a_tolerance_of_5_percent(company):
    number = walking.solution(company, amount="250000.00")
    walking.verified(company, number, "credit-approved")
    assert reprice(company, number, "260000.00") == "verified"
    assert reprice(company, number, "262500.00") == "verified"  # exactly 5 %
    assert reprice(company, number, "262500.01") == "stale"


def test_credit_for_250_000_is_stale_at_270_000(company):
    number = walking.solution(company, amount="250000.00")
    walking.verified(company, number, "credit-approved")
    assert reprice(company, number, "270000.00") == "stale"
    assert kinds(number)[-2:] == ["deal.amended", "milestone.staled"]
    assert reprice(company, number, "250000.00") == "stale"  # what fell does not rise by itself
    refused = advancing.advance(number, "commit", by=company.by("rep"))
    assert "credit-approved" in {result.key for result in refused.refusals}


def test_a_booked_deal_repriced_to_270_000_is_unbooked_at_once(company):
    number = walking.booked(company, amount="250000.00")
    before = len(kinds(number))
    reprice(company, number, "270000.00")
    written = kinds(number)[before:]
    assert (written[0], *written[-3:]) == (
        "deal.amended", "booking.reversed", "variance.recorded", "reservation.softened",
    )  # fmt: skip
    assert sorted(written[1:-3]) == [*["attestation.voided"] * 3, *["milestone.staled"] * 3]
    state = view(number)
    assert (state.stage, state.place, state.value_minor) == ("commit", "pipeline/commit", 270_000_00)


def test_no_change_is_no_entry(company):
    number = walking.booked(company)
    said = walking.stated(company) | {"need": view(number).inputs["need"]}
    amending.amend(number, said, by=company.by("rep"))
    assert (view(number).stage, kinds(number)[-1]) == ("booked", "revenue.scheduled")


def test_what_an_amendment_answers_is_the_deal_as_it_is_then(company):
    """Once it answered `booked` for the deal that it had just un-booked."""
    number = walking.booked(company)
    answered = amending.amend(number, {"amount": "1.00", "currency": "USD"}, by=company.by("rep"))
    assert answered == view(number)
    assert answered.stage == "commit"
    answered = closing.assign(number, company.seats["rep2"], by=company.by("manager"))
    assert answered == view(number)
    assert answered.owner_person == company.people["rep2"].pk


def test_booked_asks_for_more_than_its_gate(company):
    """A start date cleared behind the gate: the refusal is a decision. Once it was an error of the database."""
    number = walking.ready(company)
    amending.amend(number, {"start_on": None}, by=company.by("rep"))
    standings = deals.read_one(number).standings
    assert standings["capacity-confirmed"].status == "stale"
    decision = advancing.advance(number, "booked", by=company.by("rep"))
    assert not decision.passed
    assert kinds(number)[-1] == "gate.refused"


@pytest.mark.parametrize("amount", ["0.01", "9999999999999.99", "12345678.90"])
def test_money_to_the_minor_unit(company, amount):
    with transaction.atomic():
        number = walking.opened(company, amount=amount)
    assert posted(number)[1][2] == int(amount.replace(".", ""))
