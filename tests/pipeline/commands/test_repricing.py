"""A new rate reprices what is open, in a bucket of its own, once; what is booked keeps its rate."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from ledger.rules.problems import Problem
from pipeline.commands import organisation, repricing
from pipeline.queries import seats
from tests import walking
from tests.company import SETUP
from tests.forging import after, refused, write
from tests.walking import kinds, view


def lines(number):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, amount, cause FROM ledger_posting WHERE deal_id = %s AND entry_id ="
            " (SELECT max(entry_id) FROM ledger_posting WHERE deal_id = %s AND book = 'bookings') ORDER BY id",
            [number, number],
        )
        return cursor.fetchall()


def rate(text):
    organisation.publish_rate("EUR", seats.now().date(), Decimal(text), by=SETUP)


def test_an_open_deal_is_repriced_once(company):
    organisation.publish_rate("EUR", date(2026, 1, 1), Decimal("1.10"), by=SETUP)
    open_ = walking.opened(company, amount="300000.00", currency="EUR")
    home = walking.opened(company, amount="1000.00")
    booked = walking.booked(company, amount="240000.00", currency="EUR")
    assert (view(open_).value_minor, view(booked).value_minor) == (330_000_00, 264_000_00)
    assert repricing.sweep() == 0
    rate("1.12")
    assert repricing.sweep() == 1
    assert view(open_).value_minor == 336_000_00
    assert lines(open_) == [("source", -6_000_00, "currency"), ("pipeline/qualify", 6_000_00, "currency")]
    assert repricing.sweep() == 0, "the second time changes nothing"
    assert view(booked).value_minor == 264_000_00 and "deal.repriced" not in kinds(booked) + kinds(home)


def test_the_database_reprices_at_the_rate_and_nothing_booked(company):
    organisation.publish_rate("EUR", date(2026, 1, 1), Decimal("1.10"), by=SETUP)
    open_ = walking.opened(company, amount="300000.00", currency="EUR")
    booked = walking.booked(company, amount="240000.00", currency="EUR")
    rate("1.12")
    with refused("a_value_is_its_amount_at_the_rate"):
        write(f"deal/{open_}", "deal.repriced", {"after": after(open_, value_minor=1)})
    with refused("only_an_open_deal_is_repriced"):
        write(f"deal/{booked}", "deal.repriced", {"after": after(booked, value_minor=268_800_00)})


def test_a_currency_without_a_rate_is_refused_with_its_remedy(company):
    with pytest.raises(Problem, match="MONEY-6"), transaction.atomic():
        walking.opened(company, amount="300000.00", currency="CHF")
