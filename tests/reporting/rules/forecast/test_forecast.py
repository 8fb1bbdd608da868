"""The worked numbers of DESIGN.md 7, to the digit."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules import demand
from reporting.rules.forecast import accuracy, calibration, categories, conversion, early_news, locks
from reporting.rules.forecast.early_news import Statement

PAIRS = [(1000, 900), (1200, 1250), (900, 700), (1100, 1000)]
SAID = [(Decimal(p), o) for p, o in (("0.9", True), ("0.7", False), ("0.5", True), ("0.2", False))]
AT = datetime(2026, 9, 1, 9, tzinfo=UTC)


def percent(figure, places="0.01"):
    return (figure * 100).quantize(Decimal(places))


def test_calls():
    calls = categories.calls_of({"booked": 400, "commit": 250, "best_case": 180, "pipeline": 500})
    assert (calls.commit_call, calls.best_case_call, calls.total) == (650, 830, 1330)


def test_a_missed_milestone_takes_a_deal_out_of_the_commit_call_at_once():
    deals = [(170, "commit", "commit"), (80, "commit", "commit"), (180, "best_case", "commit"), (500, None, None)]

    def commit_call(ceilings):
        sums = {"booked": 400}
        for (value, said, _), ceiling in zip(deals, ceilings, strict=True):
            kind = categories.standing(False, said, ceiling)
            sums[kind] = sums.get(kind, 0) + value
        return categories.calls_of(sums).commit_call

    assert commit_call([ceiling for *_, ceiling in deals]) == 650
    assert commit_call(["commit", "best_case", "commit", None]) == 570


def test_accuracy():
    assert percent(accuracy.wape(PAIRS)) == Decimal("11.69")
    assert percent(accuracy.mape(PAIRS)) == Decimal("13.42")
    assert percent(accuracy.bias(PAIRS)) == Decimal("9.09")


def test_brier():
    assert accuracy.brier(SAID) == Decimal("0.1975")
    assert accuracy.base_brier(SAID) == Decimal("0.25")
    assert percent(accuracy.skill(SAID), "1") == Decimal(21)


def test_bias_is_shrunk_until_twenty_are_known():
    figures = accuracy.figures(PAIRS, SAID)
    assert not figures.published
    assert figures.bias_to_use == Decimal(4) / 24 * figures.bias
    assert accuracy.figures(PAIRS, SAID * 5).published
    assert accuracy.shrunk(20, Decimal("0.1")) == Decimal("0.05")
    assert accuracy.supported(110_000, Decimal("0.1")) == 100_000
    assert accuracy.illusion(65_000, 40_000) == 25_000


def test_weighted_pipeline():
    odds = {"proposed": demand.chance(12, 40, Decimal("0.25"))}
    assert percent(odds["proposed"]) == Decimal("28.33")
    assert conversion.weighted({"proposed": 100_000 + 200_000}, odds) == 85_000


def test_conversion_by_cohort():
    cohort = conversion.Cohort(80, 48, 22)
    assert percent(cohort.to_date, "0.1") == Decimal("60.0")
    assert percent(cohort.resolved, "0.1") == Decimal("68.6")
    assert (conversion.Cohort(0, 0, 0).to_date, conversion.Cohort(5, 0, 0).resolved) == (None, None)


def test_velocity():
    assert conversion.velocity(60, Decimal("0.25"), 40_000, 75) == 8_000
    assert conversion.velocity(60, Decimal("0.25"), 40_000, 0) is None


def said(days, category, probability, close=date(2026, 11, 20)):
    return Statement(AT + timedelta(days=days), category, Decimal(probability), 100_000, close)


LOCKED = said(0, "commit", "0.9")


def test_bad_news_a_fortnight_before_a_miss_is_what_counts():
    missed = AT + timedelta(days=60)
    early, late, up = said(46, "pipeline", "0.2"), said(47, "omitted", "0"), said(20, "commit", "0.95")
    assert early_news.scored(LOCKED, [late, early, up], missed) is early
    assert early_news.scored(LOCKED, [late], missed) is LOCKED
    assert early_news.scored(LOCKED, [up], missed) is LOCKED
    assert early_news.scored(LOCKED, [early], None) is LOCKED
    assert early_news.scored(LOCKED, [said(10, "omitted", "0"), up], missed) is LOCKED
    assert early_news.is_early(LOCKED, [said(10, "commit", "0.9", date(2027, 1, 5))], missed)


def test_moments_of_locks():
    assert [locks.moment(date(2026, 10, 1), horizon, "UTC").date() for horizon in locks.HORIZONS] == [
        date(2026, 7, 3), date(2026, 8, 2), date(2026, 9, 1), date(2026, 10, 1),
    ]  # fmt: skip
    assert locks.moment(date(2026, 10, 1), 0, "Europe/Berlin") == datetime(2026, 9, 30, 22, tzinfo=UTC)


def test_a_lock_is_due_once_and_never_from_before_the_record():
    now = datetime(2026, 9, 30, 12, tzinfo=UTC)
    began = datetime(2026, 9, 1, tzinfo=UTC)
    wanted = locks.due(now, "UTC", [], began)
    assert wanted == [
        (date(2026, 9, 1), 0), (date(2026, 10, 1), 30), (date(2026, 11, 1), 60), (date(2026, 12, 1), 90),
    ]  # fmt: skip
    assert locks.due(now, "UTC", wanted[:3], began) == wanted[3:]


amounts = st.integers(0, 10**9)
pairs = st.lists(st.tuples(amounts, st.integers(1, 10**9)), min_size=1, max_size=20)
chances = st.integers(0, 100).map(lambda whole: Decimal(whole) / 100)
statements = st.lists(st.tuples(chances, st.booleans()), min_size=1, max_size=40)


@given(pairs)
def test_optimism_and_sandbagging_cost_the_same(given_pairs):
    mirrored = [(2 * came - said, came) for said, came in given_pairs]
    assert accuracy.wape(mirrored) == accuracy.wape(given_pairs)
    assert accuracy.mape(mirrored) == accuracy.mape(given_pairs)
    assert accuracy.bias(mirrored) == -accuracy.bias(given_pairs)


@given(statements)
def test_nobody_beats_the_truth_and_the_base_rate_has_no_skill(stated):
    exact = [(Decimal(came), came) for _, came in stated]
    assert accuracy.brier(exact) == 0 <= accuracy.brier(stated) <= 1
    assert accuracy.brier([(1 - chance, not came) for chance, came in stated]) == accuracy.brier(stated)


@given(statements)
def test_sums_over_a_group_say_the_same(stated):
    squares = sum(((chance - came) ** 2 for chance, came in stated), Decimal(0))
    tally = accuracy.Tally(len(stated), squares, sum(came for _, came in stated))
    assert tally.brier == accuracy.brier(stated)
    one, other = tally.skill, accuracy.skill(stated)
    assert one == other or abs(one - other) < Decimal("1e-20")


@given(statements)
def test_every_forecast_is_in_one_bucket(stated):
    table = calibration.table(stated)
    assert sum(bucket.count for bucket in table) == len(stated)
    for bucket in table:
        assert bucket.said is None or abs(bucket.said - bucket.near) <= Decimal("0.1")


@given(st.integers(0, 10_000), st.decimals(-2, 2, places=4))
def test_a_shrunk_bias_lies_between_none_and_the_bias(count, figure):
    assert abs(accuracy.shrunk(count, figure)) <= abs(figure)


@given(st.sampled_from(categories.CHOICES), st.sampled_from(categories.CHOICES), st.booleans())
def test_a_deal_stands_in_one_category_at_or_below_its_ceiling(chosen, ceiling, booked):
    found = categories.standing(booked, chosen, ceiling)
    assert (found == "booked") == booked
    assert booked or categories.rank(found) <= min(categories.rank(chosen), categories.rank(ceiling))


@given(st.integers(0, 500), st.integers(0, 500), st.decimals(0, 1, places=4))
def test_odds_lie_between_the_prior_and_what_was_seen(wins, losses, prior):
    resolved = wins + losses
    odds = demand.chance(wins, resolved, prior)
    seen = Decimal(wins) / resolved if resolved else prior
    assert min(prior, seen) - Decimal("1e-20") <= odds <= max(prior, seen) + Decimal("1e-20")


@given(
    st.lists(st.tuples(st.integers(1, 80), st.sampled_from(categories.CHOICES), chances), max_size=8),
    st.integers(1, 90),
)
def test_what_comes_too_late_or_to_the_better_never_counts(later, miss):
    missed = AT + timedelta(days=miss)
    found = early_news.scored(LOCKED, [said(day, kind, chance) for day, kind, chance in later], missed)
    assert found is LOCKED or found.at <= missed - early_news.EARLY
    assert categories.rank(found.category) <= categories.rank(LOCKED.category)
    assert found.probability <= LOCKED.probability


@pytest.mark.parametrize("value", [None, 100_000])
def test_what_a_statement_adds(value):
    stated = Statement(AT, "commit", Decimal("0.7"), value, date(2026, 11, 20))
    assert stated.weighed_minor == (70_000 if value else 0)
    assert Statement(AT, "omitted", Decimal("0.7"), value, date(2026, 11, 20)).weighed_minor == 0
