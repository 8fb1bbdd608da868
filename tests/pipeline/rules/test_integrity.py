from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.standing import Standing, waiver_key
from pipeline.rules import integrity as rules
from pipeline.rules.policy import HISTORY
from tests.pipeline.rules.cases import INPUTS, NOW, POLICY, complete, deal, verified, waived


def score_of(view, standings, **more):
    return rules.integrity(POLICY, view, standings, now=NOW, **more)


def part(found, name):
    return next(one for one in found.parts if one.name == name)


def test_the_worked_example_of_a_portfolio():
    assert rules.weighted([(40_000_000, 85), (10_000_000, 40)]) == 76


def test_a_portfolio_rounds_down_so_that_what_is_under_80_stays_under_it():
    assert rules.weighted([(1, 80), (1, 79)]) == 79
    assert rules.weighted([]) is None and rules.weighted([(0, 90)]) is None


def test_the_weights_are_a_hundred():
    assert sum(rules.WEIGHTS.values()) == 100


def test_a_complete_deal_scores_a_hundred():
    view = deal(input_at=dict.fromkeys([*INPUTS, "amount", "close_on", "start_on"], NOW - timedelta(days=1)))
    found = score_of(view, complete(view))
    assert found.score == 100 and found.certified
    assert all(one.missing == () for one in found.parts)


def test_a_placeholder_is_not_an_answer():
    """One of seven inputs up to the next gate: 25 × 6/7 = 21.4, so 96."""
    view = deal(inputs={**INPUTS, "need": "tbd"})
    found = score_of(view, complete(view))
    assert part(found, "inputs") == rules.Part("inputs", 6, 7, ("need",))
    assert found.score == 96


def test_a_text_that_stands_on_too_many_deals_is_not_an_answer():
    view = deal()
    assert part(score_of(view, complete(view), repeated=frozenset({"need"})), "inputs").missing == ("need",)


def test_what_a_later_gate_asks_for_is_not_owed_yet():
    view = deal(stage="qualify", inputs={}, amount_minor=None, close_on=None, start_on=None)
    assert part(score_of(view, {}), "inputs").asked == 4  # the gate into solution; the deal stands before it
    assert part(score_of(view, {}), "milestones").asked == 0


def test_history_owes_the_whole_path():
    view = deal(stage=HISTORY, inputs={}, start_on=None)
    found = score_of(view, {})
    assert part(found, "milestones").held == 0
    assert not found.certified


def test_a_milestone_that_expired_or_went_stale_is_not_valid():
    view = deal()
    standings = complete(view)
    over = replace(standings["credit-approved"], valid_until=NOW)
    assert part(score_of(view, {**standings, "credit-approved": over}), "milestones").missing == ("credit-approved",)
    moved = replace(view, amount_minor=27_000_000)  # verified for 250,000 ± 5 %
    assert "credit-approved" in part(score_of(moved, standings), "milestones").missing


def test_a_planned_milestone_owes_nothing_before_its_due_moment_and_then_does():
    view = deal()
    planned = Standing("contract-signed", "unmet", "planned", due_at=NOW + timedelta(days=3))
    early = score_of(view, {**complete(view), "contract-signed": planned})
    assert early.score == 100 and early.until == planned.due_at
    late = rules.integrity(POLICY, view, {**complete(view), "contract-signed": planned}, now=planned.due_at)
    assert part(late, "milestones").missing == ("contract-signed",)
    assert late.score == 95  # four of five hold: 20 of 25


def test_an_open_deal_is_fresh_for_ninety_days_and_a_booked_one_stays_so():
    old = dict.fromkeys(["need", "amount"], NOW - timedelta(days=91))
    view = deal(input_at=old)
    assert part(score_of(view, complete(view)), "fresh") == rules.Part("fresh", 0, 2, ("amount", "need"))
    booked = replace(view, stage="booked")
    assert part(score_of(booked, complete(view)), "fresh").asked == 0


def test_a_close_that_is_over_and_a_start_before_it_are_incoherent():
    view = deal(close_on=date(2026, 11, 21), start_on=date(2026, 11, 20))
    found = part(score_of(view, complete(view)), "dates")
    assert found.missing == ("close_on", "start_on") and found.share == 0
    assert part(score_of(replace(view, stage="booked"), {}), "dates").missing == ("start_on",)


def test_a_day_ends_in_the_zone_of_the_company():
    """12:00 UTC on the 22nd is the 23rd in Auckland."""
    view = deal(close_on=date(2026, 11, 22))
    assert part(score_of(view, {}, zone="UTC"), "dates").missing == ()
    assert part(score_of(view, {}, zone="Pacific/Auckland"), "dates").missing == ("close_on",)


@pytest.mark.parametrize(("more", "name"), [({"reconciled": False}, "reconciled"), ({}, "waivers")])
def test_a_break_and_an_open_waiver_cost_ten_each(more, name):
    view = deal()
    standings = complete(view) | ({} if more else {waiver_key("credit-approved"): waived("credit-approved")})
    found = score_of(view, standings, **more)
    assert found.score == 90 and part(found, name).held == 0


def test_a_waiver_that_ended_costs_nothing():
    view = deal()
    ended = waived("credit-approved", days=-1)
    assert score_of(view, {**complete(view), waiver_key("credit-approved"): ended}).score == 100


@given(
    st.dictionaries(
        st.sampled_from(sorted(POLICY.milestones)),
        st.tuples(st.booleans(), st.integers(-40, 40), st.none() | st.integers(-40, 40)),
    ),
    st.sampled_from(["qualify", "solution", "commit", "booked", "lost", HISTORY]),
    st.integers(0, 200),
)
def test_nothing_changes_by_time_alone_before_the_moment_that_is_said(milestones, stage, age):
    """The daily job relies on it: between now and `until` the score is the same."""
    view = deal(stage=stage, input_at={"need": NOW - timedelta(days=age)}, close_on=date(2026, 12, 1))
    standings = {}
    for key, (met, due, valid) in milestones.items():
        until = None if valid is None else NOW + timedelta(days=valid, hours=1)
        moment = NOW + timedelta(days=due, hours=1)
        standings[key] = (
            verified(key, 1, due_at=moment, valid_until=until)
            if met
            else Standing(key, "unmet", "planned", due_at=moment)
        )
    found = rules.integrity(POLICY, view, standings, now=NOW)
    assert 0 <= found.score <= 100
    before = (found.until or NOW + timedelta(days=400)) - timedelta(microseconds=1)
    if before > NOW:
        later = rules.integrity(POLICY, view, standings, now=before)
        assert later.parts == found.parts


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 100)), min_size=1))
def test_a_portfolio_lies_between_its_worst_and_its_best(parts):
    scores = [score for _amount, score in parts]
    assert min(scores) <= rules.weighted(parts) <= max(scores)
