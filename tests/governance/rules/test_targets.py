from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from governance.rules import endangered, targets
from governance.rules.targets import Link, Span, Target
from pipeline.rules.seats import SeatView

NOW = datetime(2026, 11, 27, tzinfo=UTC)
QUARTER = Span("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))


def month(number, unit=None):
    first = date(2026, number, 1)
    return Span(f"2026-{number:02d}", first, date(2027, 1, 1) if number == 12 else date(2026, number + 1, 1), unit)


def target(number, goal, span=QUARTER, **more):
    said = {"purpose": "plan", "objective": None, "measure": "booked", "base": 0, "currency": "EUR", "wording": None}
    rest = {"set_by": 1, "set_at": NOW, "state": "set", "entry": number}
    return Target(id=number, version=1, span=span, goal=goal, **{**said, **rest, **more})


def plan(*known, units=None, first=QUARTER.first, until=QUARTER.until):
    return targets.plan(known, first, until, units)


def test_the_plan_of_the_company_is_its_own_target():
    assert plan(target(1, 12_400_000_00), target(2, 5, span=month(10, "east"))) == 12_400_000_00


def test_without_one_the_units_add_up():
    parts = [("east", 7), ("west", 5)]
    quarters = [target(at, goal, replace(QUARTER, unit=unit)) for at, (unit, goal) in enumerate(parts)]
    assert plan(*quarters) == 12
    assert plan(*quarters, units=["east"]) == 7
    assert plan(*quarters, units=["east", "north"]) is None


def test_months_make_a_quarter_only_without_a_gap():
    months = [target(at, at, month(at)) for at in (10, 11, 12)]
    assert plan(*months) == 33
    assert plan(*months[:2]) is None
    assert plan(target(1, 100), *months) == 100, "the longest goes first"


def test_a_withdrawn_target_and_a_key_result_are_no_plan():
    assert plan(target(1, 5, state="withdrawn"), target(2, 5, purpose="key_result", objective=1)) is None


def seat(function, unit, role):
    return [SeatView(1, function, unit, role)]


def test_finance_sets_the_plan_and_executives_set_objectives():
    assert targets.setting(seat("finance", None, "lead"), "plan", None) is None
    assert targets.setting(seat("finance", None, "executive"), "plan", "east") is None
    assert targets.setting(seat("sales", None, "executive"), "plan", None) is not None
    assert targets.setting(seat("sales", None, "executive"), "key_result", "east") is None
    assert targets.setting(seat("sales", "east", "executive"), "objective", "east") is None
    assert targets.setting(seat("sales", "east", "executive"), "objective", None) is not None
    assert targets.setting(seat("sales", None, "manager"), "objective", None) is not None


STAKE = {date(2026, 11, 1): 14_794_52, date(2026, 12, 1): 29_589_04, date(2027, 1, 1): 20_00}


def dangers(known, links=(), key="delivered", booked=True):
    return endangered.of_alert(known, links, deal=7, key=key, unit="east", stake=STAKE, booked=booked)


def test_an_alert_endangers_a_target_of_revenue_by_what_does_not_come_in_its_months():
    """14,794.52 do not come in November and 29,589.04 not in December: the quarter misses 44,383.56, a tenth."""
    revenue = target(1, 443_835_60, measure="fulfilled")
    (found,) = dangers([revenue])
    assert (found.amount, found.linked, found.share) == (-44_383_56, False, Fraction(1, 10))
    assert dangers([replace(revenue, span=Span("2027-02", date(2027, 2, 1), date(2027, 3, 1)))]) == []
    assert dangers([replace(revenue, span=replace(QUARTER, unit="west"))]) == []


def test_before_it_is_booked_a_deal_endangers_the_booking():
    booked, revenue = target(1, 443_835_60), target(2, 443_835_60, measure="fulfilled")
    assert [one.target.id for one in dangers([booked, revenue], booked=False)] == [1]
    assert [one.target.id for one in dangers([booked, revenue], booked=True)] == [2]


def test_what_somebody_linked_goes_before_what_is_computed_and_a_milestone_before_its_deal():
    known = [target(1, 100, measure="fulfilled"), target(2, 100)]
    links = [Link(1, 7, "", 30, "linked", 1), Link(1, 7, "delivered", 20, "linked", 2), Link(2, 8, "", 5, "linked", 3)]
    assert [(one.target.id, one.amount, one.linked) for one in dangers(known, links)] == [(1, -20, True)]
    assert dangers(known, links, key="invoiced")[0].amount == -30
    assert dangers([target(2, 100)], [Link(2, 7, "", 5, "unlinked", 3)]) == []


def test_a_deal_that_costs_a_target_endangers_it_by_coming():
    """A signed amount: what the deal adds is lost with it, what it takes is spared."""
    (found,) = dangers([target(2, 100)], [Link(2, 7, "", -5, "linked", 3)])
    assert found.amount == 5


@given(st.permutations([10, 11, 12]), st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=3))
def test_a_plan_does_not_depend_on_the_order_of_its_targets(order, goals):
    assert plan(*(target(at, goals[at - 10], month(at)) for at in order)) == sum(goals)
