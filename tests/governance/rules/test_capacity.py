"""The worked numbers of DESIGN.md 6, and the regional case."""

from datetime import date
from decimal import Decimal

from governance.rules import capacity
from governance.rules.capacity import Expansion, MonthLoad, Supply

CONFIRMED = {date(2026, 7 + at, 1): units for at, units in enumerate((860, 870, 840, 820, 800, 780))}
SUPPLY = Supply(1000)
JULY, OCTOBER = date(2026, 7, 1), date(2026, 10, 1)
EXPANSION = Expansion(100, date(2026, 5, 20), 75)


def test_a_deal_over_the_ceiling_is_told_months_and_amounts():
    rows = capacity.over(SUPPLY, CONFIRMED, 120, JULY, 3)
    assert [(row.month.month, row.load, row.over) for row in rows] == [(7, 980, 30), (8, 990, 40), (9, 960, 10)]
    assert {row.limit for row in rows} == {950}


def test_earliest_start_without_expansion_is_october():
    assert capacity.earliest_start(SUPPLY, CONFIRMED, 120, JULY, 3) == OCTOBER
    october = capacity.loads(SUPPLY, CONFIRMED, 120, capacity.delivery_months(OCTOBER, 3))
    assert [row.load for row in october] == [940, 920, 900]


def test_an_expansion_counts_from_the_first_month_after_its_lead_time():
    more = Supply(1000, (EXPANSION,))
    assert EXPANSION.ready_on == date(2026, 8, 3)
    assert (more.available(date(2026, 8, 1)), more.limit(date(2026, 9, 1))) == (1000, 1045)
    assert capacity.earliest_start(more, CONFIRMED, 120, JULY, 3) == date(2026, 9, 1)


def test_an_expansion_that_nobody_verified_does_not_count():
    unproven = Expansion(100, date(2026, 5, 20), 75, verified=False)
    assert capacity.earliest_start(Supply(1000, (unproven,)), CONFIRMED, 120, JULY, 3) == OCTOBER


def test_order_by():
    assert capacity.order_by(JULY, 75) == date(2026, 4, 17)


def test_what_fits_starts_on_the_wanted_day():
    assert capacity.earliest_start(SUPPLY, CONFIRMED, 80, date(2026, 7, 15), 3) == date(2026, 7, 15)


def test_what_never_fits_has_no_earliest_start():
    assert capacity.earliest_start(SUPPLY, CONFIRMED, 951, JULY, 1) is None


def test_the_regional_case():
    row = MonthLoad(JULY, 1000, SUPPLY.limit(JULY), 880, 264)
    assert (row.load, row.over, row.fulfillable, row.unfulfillable) == (1144, 194, 70, 194)
    assert row.utilisation == Decimal("1.144")
    assert row.fulfillable_share is not None and round(row.fulfillable_share * 100, 1) == Decimal("26.5")


def test_a_unit_without_capacity_has_no_utilisation():
    row = MonthLoad(JULY, 0, 0, 0, 0)
    assert (row.utilisation, row.fulfillable_share, row.over) == (None, None, 0)


def test_months_cross_the_year():
    assert capacity.delivery_months(date(2026, 11, 24), 3) == (date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1))
    assert capacity.month_after(date(2026, 1, 31), -1) == date(2025, 12, 1)
