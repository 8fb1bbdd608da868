from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest

from pipeline.rules import terms
from pipeline.rules.deal import Line
from tests.pipeline.rules.cases import INPUTS, deal

LINES = (Line(1, "Pallet line", 2, 100_00), Line(2, "Survey", 1, 50_00))


def test_the_fingerprint_of_a_known_deal_never_changes():
    canonical = (
        '{"account":8,"amount_minor":25000000,"close_on":"2026-12-01","currency":"EUR",'
        '"inputs":{"billing_terms":"monthly","delivery_months":3,"delivery_units":120,"economic_buyer":12,'
        '"need":"Two pallet lines replace manual picking in Rotterdam."},'
        '"lines":[],"start_on":"2027-01-01","unit":"east"}'
    )
    assert terms.fingerprint(deal()) == sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"account": 9},
        {"amount_minor": 25_000_001},
        {"currency": "USD"},
        {"close_on": date(2026, 12, 2)},
        {"start_on": date(2027, 1, 2)},
        {"unit": "west"},
        {"lines": LINES},
        {"inputs": {**INPUTS, "billing_terms": "upfront"}},
        {"inputs": {**INPUTS, "delivery_units": 121}},
    ],
)
def test_every_term_counts(change):
    assert terms.fingerprint(deal(**change)) != terms.fingerprint(deal())


def test_owner_stage_and_version_do_not_count():
    other = replace(deal(), owner=1, owner_person=2, stage="booked", version=99, value_minor=3, policy_version=8)
    assert terms.fingerprint(other) == terms.fingerprint(deal())


def test_order_and_emptiness_do_not_count():
    assert terms.fingerprint(deal(lines=LINES)) == terms.fingerprint(deal(lines=LINES[::-1]))
    shuffled = {**dict(reversed(INPUTS.items())), "cleared": None}
    assert terms.fingerprint(deal(inputs=shuffled)) == terms.fingerprint(deal())


def test_erasing_a_private_text_changes_no_terms_and_another_text_does():
    view = deal(private={"need": "id-1"})
    erased = deal(private={"need": "id-1"}, inputs={**INPUTS, "need": None})
    assert terms.fingerprint(erased) == terms.fingerprint(view)
    assert terms.fingerprint(deal(private={"need": "id-2"})) != terms.fingerprint(view)
    guessed = deal(private={"need": "id-1"}, inputs={**INPUTS, "need": "Another text altogether"})
    assert terms.fingerprint(guessed) == terms.fingerprint(view)


def test_plain_form_has_no_floats():
    assert terms.plain({"a": Decimal("0.050"), 1: 0.5, "d": date(2026, 1, 2), "s": {"b", "a"}}) == {
        "a": "0.05",
        "1": "0.5",
        "d": "2026-01-02",
        "s": ["a", "b"],
    }


@pytest.mark.parametrize(
    ("value", "text"), [("100", "100"), ("1E+2", "100"), ("-0.0", "0"), ("1.230", "1.23"), ("1E+99", "1E+99")]
)
def test_decimals_have_one_text(value, text):
    assert terms.decimal_text(Decimal(value)) == text
