"""Revenue over days: the worked numbers of the design, to the cent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.rules.schedule import Cause, Point, Terms, baseline, difference, schedule, term_days

TERMS = Terms(36_000_000, date(2025, 4, 1), 365)
INSTALLATION = Cause("installation", date(2025, 4, 1), date(2025, 5, 16))
TABLE = [
    ((2025, 4), 2_958_904, 0, -2_958_904),
    ((2025, 5), 3_057_534, 1_578_082, -1_479_452),
    ((2025, 6), 2_958_904, 2_958_904, 0),
    ((2026, 4), 0, 2_958_904, 2_958_904),
    ((2026, 5), 0, 1_479_452, 1_479_452),
]


def over(months, first, until):
    return sum(part for month, part in months.items() if first <= month < until)


@pytest.mark.parametrize(("month", "planned", "expected", "variance"), TABLE)
def test_the_table_of_the_design_by_month(month, planned, expected, variance):
    first = date(*month, 1)
    before, after = baseline(TERMS), schedule(TERMS, [INSTALLATION]).revenue
    assert (before.get(first, 0), after.get(first, 0)) == (planned, expected)
    assert difference(after, before).get(first, 0) == variance


@pytest.mark.parametrize(
    ("first", "until", "planned", "expected"),
    [
        (date(2025, 4, 1), date(2025, 7, 1), 8_975_342, 4_536_986),
        (date(2025, 1, 1), date(2026, 1, 1), 27_123_288, 22_684_932),
        (date(2025, 1, 1), date(2027, 1, 1), 36_000_000, 36_000_000),
    ],
)
def test_the_table_of_the_design_by_quarter_year_and_life(first, until, planned, expected):
    assert over(baseline(TERMS), first, until) == planned
    assert over(schedule(TERMS, [INSTALLATION]).revenue, first, until) == expected


def test_truncated_at_its_fixed_end():
    found = schedule(replace(TERMS, mode="truncate"), [INSTALLATION])
    assert sum(found.revenue.values()) == 31_561_644
    assert sum(found.forgone.values()) == 4_438_356
    assert found.forgone == {date(2025, 4, 1): 2_958_904, date(2025, 5, 1): 1_479_452}
    assert max(found.revenue) == date(2026, 3, 1)


def test_a_float_of_15_moves_the_start_by_30_days():
    moved = schedule(TERMS, [replace(INSTALLATION, float_days=15)])
    assert INSTALLATION.slip == 45
    assert moved == schedule(TERMS, [replace(INSTALLATION, expected=date(2025, 5, 1))])
    assert min(moved.revenue) == date(2025, 5, 1)


def test_within_the_float_nothing_moves():
    assert schedule(TERMS, [replace(INSTALLATION, float_days=45)]).revenue == baseline(TERMS)


def test_the_latest_of_several_decides():
    second = Cause("training", date(2025, 3, 20), date(2025, 4, 9))
    assert schedule(TERMS, [INSTALLATION, second]) == schedule(TERMS, [INSTALLATION])


def test_what_does_not_block_does_not_move_the_start():
    assert schedule(TERMS, [replace(INSTALLATION, blocks=False)]).revenue == baseline(TERMS)


def by_milestone(mode="shift"):
    return Terms(
        10_000_001,
        date(2025, 4, 1),
        92,
        mode,
        (
            Point(date(2025, 4, 1), Decimal("0.3"), "installation"),
            Point(date(2025, 5, 15), Decimal("0.333"), "training"),
            Point(date(2025, 6, 30), Decimal("0.367")),
        ),
    )


def test_shares_of_milestones_move_with_their_own_milestone():
    assert baseline(by_milestone()) == {
        date(2025, 4, 1): 3_000_000, date(2025, 5, 1): 3_330_001, date(2025, 6, 1): 3_670_000,
    }  # fmt: skip
    late = Cause("training", date(2025, 5, 15), date(2025, 6, 14), blocks=False)
    assert schedule(by_milestone(), [late]).revenue == {date(2025, 4, 1): 3_000_000, date(2025, 6, 1): 7_000_001}


def test_a_share_after_the_fixed_end_is_forgone_in_its_month():
    late = Cause("training", date(2025, 5, 15), date(2025, 7, 2), blocks=False)
    found = schedule(by_milestone("truncate"), [late])
    assert found.forgone == {date(2025, 5, 1): 3_330_001}
    assert found.total == 10_000_001


@pytest.mark.parametrize(
    ("start", "number", "unit", "days"),
    [
        (date(2025, 4, 1), 12, "months", 365),
        (date(2024, 2, 1), 1, "months", 29),
        (date(2025, 1, 31), 1, "months", 28),
        (date(2025, 1, 31), 90, "days", 90),
    ],
)
def test_terms_in_months_and_days(start, number, unit, days):
    assert term_days(start, number, unit) == days
