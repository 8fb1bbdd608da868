"""The worked example of the design, and that no deal is in two buckets or in none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reporting.rules.bridge import BUCKETS, Bridge, Ends, Way, bucket, split


def test_the_worked_example_in_thousands():
    """1,000 = 200 + 150 + 100 + 330 (EUR 300 at 1.10) + 220, and the EUR deal is cut to 280 at a rate of 1.12."""
    found = Bridge(1_000_00, 683_60)
    for way, amount in (
        (Way(True, "won", False, False, True), -200_00),
        (Way(True, "lost", False, False, True), -150_00),
        (Way(True, "slipped", False, False, True), -100_00),
        (Way(False, "new", True, True, True), 90_00),
        (Way(False, "pulled_in", True, False, True), 60_00),
    ):
        found.add(bucket(way), amount, 1)
    for name, amount in split(Ends(330_00, 313_60, Decimal(300), Decimal(280))).items():
        found.add(name, amount, 1)
    assert found.buckets == {
        "won": -200_00, "lost": -150_00, "slipped": -100_00, "amount": -22_00, "currency": 5_60, "new": 90_00,
        "pulled_in": 60_00,
    }  # fmt: skip
    assert found.rest == 0
    assert [name for name, _ in found.steps()] == [
        "won", "lost", "slipped", "new", "pulled_in", "amount", "currency",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("way", "name"),
    [
        (Way(True, "waiver", False, False, True), "under_waiver"),
        (Way(True, "pulled_in", False, False, True), "pulled_out"),
        (Way(True, "transfer", False, False, True), "transferred"),
        (Way(False, "transfer", True, False, True), "transferred"),
        (Way(False, "slipped", True, False, True), "slipped_in"),
        (Way(False, "return", True, False, True), "returned"),
        (Way(False, "slipped", True, True, True), "new"),
        (Way(True, "policy_change", False, False, True), "policy_change"),
        (Way(False, "policy_change", True, False, True), "policy_change"),
        (Way(True, "milestone_miss", False, False, True), "slipped"),
        (Way(True, "crisis", False, False, True), "slipped"),
        (Way(True, "", None, False, False), "currency"),
        (Way(True, "", None, False, True), None),
        (Way(True, "reopened", True, False, True), None),
        (Way(False, "won", False, True, True), None),
    ],
)
def test_each_way_has_its_bucket(way, name):
    assert bucket(way) == name


def test_a_value_taken_away_altogether():
    assert split(Ends(330_00, 0, Decimal(300), None)) == {"unpriced": -330_00}


def test_another_currency_is_amount_at_the_old_rate_and_the_rest():
    assert split(Ends(100_00, 110_00, Decimal(100), Decimal(100))) == {"currency": 10_00}
    assert split(Ends(100_00, 80_00, Decimal(100), Decimal(80))) == {"amount": -20_00}


amounts = some.integers(1, 10**12)


@given(before=amounts, after=some.integers(0, 10**12), a0=amounts, a1=amounts)
def test_what_stayed_is_explained_to_the_minor_unit(before, after, a0, a1):
    parts = split(Ends(before, after, Decimal(a0).scaleb(-2), Decimal(a1).scaleb(-2)))
    assert sum(parts.values()) == after - before
    assert 0 not in parts.values()


ways = some.builds(
    Way, some.booleans(), some.sampled_from(["", "won", "lost", "slipped", "transfer", "policy_change", "new"]),
    some.none() | some.booleans(), some.booleans(), some.booleans(),
)  # fmt: skip


@given(ways)
def test_who_crossed_the_border_is_in_one_bucket(way):
    found = bucket(way)
    if way.was_in != way.is_in and way.last:
        assert found in BUCKETS
    if not way.was_in and not way.is_in:
        assert found is None
