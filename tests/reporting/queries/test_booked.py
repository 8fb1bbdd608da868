"""Booked, by the worked example of the definition: EUR 240,000, verified on 28 March, 30 March and 2 April."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from governance.commands import milestones
from pipeline.commands import amending, closing, organisation
from pipeline.queries import organisation as companies
from pipeline.queries import seats
from reporting.queries import booked, booked_deals, booked_measures
from reporting.queries.measuring import Asked
from reporting.rules import periods
from tests import walking
from tests.company import SETUP
from tests.walking import move_clock, view

USD_264_000 = 264_000_00


def at(month, day, hour=9, minute=0):
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


def known(period="2027", as_of=None, units=None):
    moment = as_of or seats.now()
    found = booked.booked(companies.company(), as_of=moment, period=periods.parse(period), units=units)
    scope = {"as_of": moment, "period": periods.parse(period), "units": units}
    assert booked_deals.count_deals(found.moves, **scope) == counted(scope), "each deal that comes to something, once"
    return found


def counted(scope):
    """Deal by deal, as a person would count the list behind the number."""
    return len(behind(**scope))


def behind(**scope):
    return booked_measures.behind(Asked(companies.company(), past=True, **scope), None, 1000)


@pytest.fixture
def deal(company):
    """Booked on 2 April at 1.10."""
    move_clock(at(3, 1))
    organisation.publish_rate("EUR", date(2027, 1, 1), Decimal("1.08"), by=SETUP)
    number = walking.commit(company, amount="240000.00", currency="EUR", close_on="2027-03-31", start_on="2027-05-01")
    move_clock(at(3, 28))
    walking.verified(company, number, "contract-signed")
    walking.attested(company, number, "sales")
    move_clock(at(3, 30))
    walking.verified(company, number, "billing-terms-verified")
    walking.attested(company, number, "finance", "operations")
    organisation.publish_rate("EUR", date(2027, 4, 1), Decimal("1.10"), by=SETUP)
    row = walking.submitted(company, number, "capacity-confirmed", "ops")
    assert view(number).stage == "commit"
    move_clock(at(4, 2, 9, 10))
    milestones.verify(row, by=company.by("ops2"))
    return number


def test_booked_on_the_day_of_the_last_condition_at_the_rate_of_that_day(deal):
    state = view(deal)
    assert (state.stage, state.place, state.value_minor) == ("booked", "booked", USD_264_000)
    assert state.period == date(2027, 4, 1)
    assert known("2027-Q2").value == known("2027-04").value == USD_264_000
    assert known("2027-Q1").value == 0
    assert known("2027", as_of=at(4, 2, 9, 9)).value == 0


def test_a_later_rate_changes_nothing(deal):
    move_clock(at(4, 20))
    organisation.publish_rate("EUR", date(2027, 4, 10), Decimal("1.085"), by=SETUP)
    organisation.publish_rate("EUR", date(2027, 4, 1), Decimal("1.085"), by=SETUP)
    assert known("2027-Q2").value == USD_264_000
    assert view(deal).value_minor == USD_264_000


def test_a_revocation_takes_it_back_in_its_own_month(company, deal):
    move_clock(at(5, 20))
    milestones.revoke(walking.milestone(deal, "capacity-confirmed"), "The line is sold twice", by=company.by("ops2"))
    move_clock(at(5, 21))
    may, april, quarter = known("2027-05"), known("2027-04"), known("2027-Q2")
    assert (may.value, may.gross, may.de_booked) == (-USD_264_000, 0, USD_264_000)
    assert (april.value, april.gross, april.de_booked) == (USD_264_000, USD_264_000, 0)
    assert (quarter.value, quarter.gross, quarter.de_booked) == (0, USD_264_000, USD_264_000)
    assert known("2027-04", as_of=at(4, 30, 23)).value == USD_264_000
    assert known("2027-Q2", as_of=at(4, 30, 23)).value == USD_264_000
    assert {"milestone.revoked", "reservation.released", "booking.reversed"} <= set(walking.kinds(deal)[-5:])


def test_other_terms_leave_the_reported_month_alone(company, deal):
    """Amended and un-booked in May: April stays as it was. Once the difference was written into April."""
    move_clock(at(5, 20))
    organisation.publish_rate("EUR", date(2027, 5, 1), Decimal("1.2"), by=SETUP)
    amending.amend(deal, {"amount": "250000.00", "currency": "EUR"}, by=company.by("rep"))
    assert view(deal).stage == "commit"
    april, may = known("2027-04"), known("2027-05")
    assert (april.value, april.gross, april.de_booked) == (USD_264_000, USD_264_000, 0)
    assert may.value == -USD_264_000
    assert known("2027").value == 0


def test_another_owner_of_the_unit_leaves_the_reported_month_alone(company, deal):
    """Within the unit nothing but the seat changes: still booked, and the old seat keeps its April."""
    move_clock(at(5, 20))
    closing.assign(deal, company.seats["rep2"], by=company.by("manager"))
    assert view(deal).stage == "booked"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seat_id, period, sum(amount)::bigint FROM ledger_posting WHERE deal_id = %s AND place = 'booked'"
            " GROUP BY seat_id, period HAVING sum(amount) <> 0 ORDER BY period, sum(amount)",
            [deal],
        )
        assert cursor.fetchall() == [
            (company.seats["rep"], date(2027, 4, 1), USD_264_000),
            (company.seats["rep"], date(2027, 5, 1), -USD_264_000),
            (company.seats["rep2"], date(2027, 5, 1), USD_264_000),
        ]
    assert (known("2027-05").value, known("2027-04").value) == (0, USD_264_000)


@pytest.mark.parametrize("act", ["return", "lose"])
def test_a_step_back_and_a_loss_belong_to_their_own_month(company, deal, act):
    move_clock(at(6, 3))
    if act == "return":
        closing.return_deal(deal, "solution", "The customer asks for another offer", by=company.by("rep"))
    else:
        closing.lose(deal, "price", by=company.by("rep"))
    assert (known("2027-06").value, known("2027-04").value, known().value) == (-USD_264_000, USD_264_000, 0)


def test_as_of_each_moment(company, deal):
    move_clock(at(5, 20))
    milestones.revoke(walking.milestone(deal, "capacity-confirmed"), "The line is sold twice", by=company.by("ops2"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, recorded_at FROM ledger_entry WHERE stream = %s ORDER BY seq", [f"deal/{deal}"])
        moments = cursor.fetchall()
    expected = 0
    for kind, moment in moments:
        assert known(as_of=moment - timedelta(microseconds=1)).value == expected
        expected += {"booking.recorded": USD_264_000, "booking.reversed": -USD_264_000}.get(kind, 0)
        assert known(as_of=moment).value == expected


def test_the_deals_behind_sum_to_the_number(company, deal):
    walking.booked(company, close_on="2027-04-30", start_on="2027-05-01")
    now, period = seats.now(), periods.parse("2027")
    found = behind(as_of=now, period=period)
    assert sum(one.amount for one in found) == known().value == USD_264_000 + 100_000_00
    assert [one.deal for one in found][-1] == deal
    assert known(units=["west"]).value == 0 and known(units=["east"]).value == known().value


def test_two_queries_with_one_row_and_with_three(company, deal, django_assert_num_queries):
    for numbers in (1, 3):
        with django_assert_num_queries(2):
            booked.booked(companies.Company("USD", "UTC"), as_of=at(12, 31), period=periods.parse("2027"))
        if numbers == 1:
            walking.booked(company, close_on="2027-04-30", start_on="2027-05-01")
            walking.booked(company, close_on="2027-05-30", start_on="2027-06-01")


def test_a_missing_rate_is_unpriced_and_never_nothing(company):
    number = walking.opened(company, currency="GBP")
    assert walking.view(number).value_minor is None and walking.view(number).place is None
