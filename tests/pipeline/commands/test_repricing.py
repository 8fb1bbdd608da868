"""A new rate reprices what is open, in a bucket of its own, once; what is booked keeps its rate."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from ledger.rules.problems import Problem
from pipeline.commands import amending, organisation, repricing
from pipeline.queries import deals, policies, seats
from pipeline.queries import organisation as organisations
from pipeline.rules import booked
from reporting.queries import asking
from reporting.queries.measuring import Asked
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


def unpriced(**more):
    return asking.tell("unpriced", Asked(organisations.company(), seats.now(), **more)).answer


def test_a_currency_without_a_rate_is_unpriced_until_there_is_one(company):
    number = walking.opened(company, amount="300000.00", currency="CHF")
    assert (view(number).value_minor, view(number).place) == (None, None), "no sum holds it, and none holds a zero"
    assert (unpriced().value, unpriced(by=("currency",)).rows[0].key) == (1, ("CHF",))
    assert unpriced().behind(None, 5)[0].place == "CHF 300000.00"
    assert repricing.sweep() == 0
    organisation.publish_rate("CHF", seats.now().date(), Decimal("1.20"), by=SETUP)
    assert repricing.sweep() == 1
    assert (view(number).value_minor, view(number).place) == (360_000_00, "pipeline/qualify")
    assert lines(number) == [("source", -360_000_00, "currency"), ("pipeline/qualify", 360_000_00, "currency")]
    assert unpriced().value == 0 and repricing.sweep() == 0


def test_it_is_booked_in_the_moment_in_which_a_rate_is_there(company):
    number = walking.ready(company, amount="300000.00", currency="CHF")
    walking.attested(company, number)
    assert view(number).stage == "commit", "everything is proven, and nobody knows what it is worth"
    deal = deals.read_one(number)
    decision = booked.judge(policies.version(1), deal.view, deal.standings, now=seats.now())
    (refusal,) = decision.refusals
    assert (refusal.key, refusal.owner_function) == ("booked-rate", "finance") and "POST /rates/" in refusal.remedy
    organisation.publish_rate("CHF", seats.now().date(), Decimal("1.20"), by=SETUP)
    assert repricing.sweep() == 1
    assert (view(number).stage, view(number).place, view(number).value_minor) == ("booked", "booked", 360_000_00)
    assert kinds(number).count("booking.recorded") == kinds(number).count("deal.repriced") == 1


def test_what_is_booked_never_loses_its_value(company):
    number = walking.booked(company, amount="1000.00")
    with pytest.raises(Problem, match="MONEY-6"), transaction.atomic():
        amending.amend(number, {"amount": "1000.00", "currency": "CHF"}, by=company.by("rep"))
    with refused("a_value_is_its_amount_at_the_rate"):
        write(
            f"deal/{number}", "deal.amended", {"after": after(number, currency="CHF", value_minor=None, terms="0" * 64)}
        )


def test_a_priced_deal_is_amended_to_a_currency_without_a_rate_and_back(company):
    number = walking.opened(company, amount="1000.00")
    amending.amend(number, {"amount": "900.00", "currency": "CHF"}, by=company.by("rep"))
    assert lines(number) == [("pipeline/qualify", -1_000_00, "amount"), ("source", 1_000_00, "amount")]
    assert unpriced().value == 1
    amending.amend(number, {"amount": "900.00", "currency": "USD"}, by=company.by("rep"))
    assert view(number).value_minor == 900_00 and unpriced().value == 0
