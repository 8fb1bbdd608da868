"""How long functions let milestones wait: worked numbers."""

from decimal import Decimal

from reporting.rules.forecast.waits import Wait, waits

DAY = 86_400_000_000


def test_the_median_of_each_gate_and_function():
    found = [("commit", "finance", days * DAY) for days in (9, 1, 2)]
    found += [("commit", "legal", DAY), ("commit", "legal", 2 * DAY), ("booked", "finance", DAY * 26 // 100)]
    assert waits(found) == [
        Wait("booked", "finance", 1, Decimal("0.3")),
        Wait("commit", "finance", 3, Decimal("2.0")),
        Wait("commit", "legal", 2, Decimal("1.5")),
    ]


def test_nothing_verified_is_no_wait_and_none_is_below_zero():
    assert waits([]) == []
    assert waits([("commit", "finance", -5)]) == [Wait("commit", "finance", 1, Decimal("0.0"))]
