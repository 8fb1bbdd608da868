from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ledger.rules import money
from ledger.rules.problems import Fault

CURRENCIES = some.sampled_from(sorted(money.DECIMALS))


@given(some.integers(1, money.MOST_MINOR), CURRENCIES)
def test_there_and_back(minor, currency):
    assert money.to_minor(money.plain(minor, currency), currency) == minor
    assert money.to_minor(money.to_decimal(minor, currency), currency) == minor


@given(some.integers(1, 10**12), CURRENCIES)
def test_the_rate_of_one_keeps_the_minor_unit(minor, currency):
    assert money.convert(minor, currency, Decimal(1), currency) == minor


def test_the_worked_example():
    assert money.convert(240_000_00, "EUR", Decimal("1.10"), "USD") == 264_000_00
    assert money.convert(1000, "JPY", Decimal("0.0065"), "USD") == 650
    assert money.convert(1, "KWD", Decimal("3.25"), "USD") == 0
    assert money.convert(5, "EUR", Decimal("1.10"), "USD") == 6  # 5.5, half to even


@pytest.mark.parametrize(
    "amount",
    [1.5, True, None, "", "x", "1,5", "NaN", "Infinity", "-1", "0", "0.00", "1e400", "1.005", [], "10000000000000.01"],
)
def test_what_is_no_amount(amount):
    assert isinstance(money.to_minor(amount, "EUR"), Fault)


def test_currencies_without_and_with_three_decimals():
    assert money.to_minor("100", "JPY") == 100
    assert isinstance(money.to_minor("100.5", "JPY"), Fault)
    assert money.to_minor("1.005", "KWD") == 1005
    assert money.text(-250_000, "EUR") == "−EUR 2,500.00"
    assert money.text(None, "EUR") == "unpriced"


@pytest.mark.parametrize("currency", ["eur", "XXX", "", None, 1])
def test_what_is_no_currency(currency):
    assert isinstance(money.check_currency(currency), Fault)
