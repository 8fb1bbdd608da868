from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipeline.rules import staleness
from tests.pipeline.rules.cases import INPUTS, deal

CREDIT = {"facts": {"amount": 25_000_000}, "tolerance": {"amount": "0.05"}}


@pytest.mark.parametrize("amount", [25_000_000, 26_000_000, 26_250_000, 23_750_000])
def test_within_tolerance_the_verification_stands(amount):
    assert staleness.stale(CREDIT, deal(amount_minor=amount)) is None


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (27_000_000, "Amount went from 250,000.00 to 270,000.00 (+8.0 %, tolerance 5 %)"),
        (26_250_001, "Amount went from 250,000.00 to 262,500.01 (+5.0 %, tolerance 5 %)"),
        (23_000_000, "Amount went from 250,000.00 to 230,000.00 (−8.0 %, tolerance 5 %)"),
        (None, "Amount was 250,000.00 and is not known any more"),
    ],
)
def test_beyond_tolerance_it_says_what_moved(amount, words):
    change = staleness.stale(CREDIT, deal(amount_minor=amount))
    assert change is not None
    assert change.sentence() == words


def test_the_share_is_measured_against_the_bound_value():
    change = staleness.stale(CREDIT, deal(amount_minor=27_000_000))
    assert change == staleness.Change("amount", 25_000_000, 27_000_000, Decimal("0.08"), Decimal("0.05"), "EUR")


def test_without_tolerance_facts_must_be_equal():
    bound = {"facts": {"start_on": "2027-01-01", "delivery_units": 120, "billing_terms": "monthly"}}
    assert staleness.stale(bound, deal()) is None
    later = staleness.stale(bound, deal(start_on=date(2027, 1, 2)))
    assert later is not None
    assert later.sentence() == "Start date went from 2027-01-01 to 2027-01-02"
    more = staleness.stale(bound, deal(inputs={**INPUTS, "delivery_units": 121}))
    assert more is not None
    assert more.sentence() == "Delivery units went from 120 to 121 (+0.8 %, tolerance 0 %)"
    other = staleness.stale(bound, deal(inputs={**INPUTS, "billing_terms": "upfront"}))
    assert other is not None
    assert other.sentence("Billing terms") == "Billing terms went from monthly to upfront"


def test_a_fact_that_is_not_known_binds_nothing():
    change = staleness.stale({"facts": {"need": None}}, deal(inputs={}))
    assert change is not None
    assert change.sentence() == "Need is not known, so nothing was checked"


def test_decimals_compare_by_value_and_texts_by_letter():
    view = deal(inputs={"rate": Decimal("0.50"), "code": "007"})
    assert staleness.stale({"facts": {"rate": "0.5"}}, view) is None
    assert staleness.stale({"facts": {"code": "7"}}, view) is not None


def test_from_zero_everything_is_a_change():
    bound = {"facts": {"amount": 0}, "tolerance": {"amount": "1"}}
    assert staleness.stale(bound, deal(amount_minor=0)) is None
    change = staleness.stale(bound, deal(amount_minor=1))
    assert change is not None
    assert change.share is None


def test_nothing_bound_is_never_stale():
    assert staleness.stale({}, deal()) is None
    assert staleness.stale({"terms": "abc"}, deal()) is None


def test_currencies_have_their_decimals():
    assert [staleness.minor_digits(code) for code in ("EUR", "JPY", "KWD", None)] == [2, 0, 3, 2]
