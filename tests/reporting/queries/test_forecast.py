"""The forecast of a period: disjoint categories, calls, what supports them, and the same figures at any moment."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.commands import deadlines, reservations
from ledger.queries import moment
from pipeline.commands import closing
from pipeline.queries import organisation, seats
from reporting.commands import calls, forecasts
from reporting.commands import locks as keeping
from reporting.queries import (
    asking,
    forecast_accuracy,
    forecast_answer,
    forecast_deals,
    forecast_sums,
    measures,
    passage_deals,
    passages,
    waits,
)
from reporting.queries import locks as kept
from reporting.queries.forecast_deals import Upto
from reporting.queries.measuring import Asked
from reporting.rules import periods
from reporting.rules.forecast import conversion, locks, shares
from tests import walking

# Far enough that milestones of today are due before it, inside the month of the close.
DAY = (datetime.now(UTC).replace(day=28) + timedelta(days=40)).replace(day=27).date()


def opened(company, to=walking.commit, amount="100000.00", **more):
    close = DAY
    return to(
        company, amount=amount, close_on=close.isoformat(), start_on=(close + timedelta(days=40)).isoformat(), **more
    )


def committed(company, amount="100000.00", **more):
    number = opened(company, amount=amount, **more)
    assert reservations.reserve(number, by=company.by("rep")).fits
    forecasts.submit(number, "commit", Decimal("0.9"), by=company.by("rep"))
    return number


def asked(company, at=None, **more):
    name = f"{DAY:%Y-%m}"
    return Asked(organisation.company(), at or seats.now(), periods.parse(name), past=at is not None, **more)


def found(company, at=None):
    question = asked(company, at)
    return forecast_answer.answer(question, question.period)


@pytest.fixture
def four(company):
    """A commit of 250, a best case of 180, pipeline of 500 and something omitted, in thousands."""
    numbers = {"commit": committed(company, "250000.00", delivery_units=1)}
    for name, amount, probability in (("best_case", "180000.00", "0.6"), ("omitted", "70000.00", "0.1")):
        numbers[name] = opened(company, walking.opened, amount)
        forecasts.submit(numbers[name], name, Decimal(probability), by=company.by("rep"))
    numbers["pipeline"] = opened(company, walking.opened, "500000.00")
    return numbers


def thousands(calls):
    return {name: getattr(calls, name) // 100_000 for name in ("booked", "commit", "best_case", "pipeline", "omitted")}


def test_categories_are_disjoint_and_calls_add_them_up(company, four):
    calls_then = found(company).calls
    assert thousands(calls_then) == {"booked": 0, "commit": 250, "best_case": 180, "pipeline": 500, "omitted": 70}
    assert (calls_then.commit_call, calls_then.best_case_call, calls_then.total) == (25_000_000, 43_000_000, 93_000_000)


def test_a_missed_milestone_moves_the_call_and_the_past_stays(company, four):
    before = seats.now()
    walking.move_clock(walking.standing(four["commit"], "billing-terms-verified").due_at + timedelta(minutes=1))
    assert deadlines.note([four["commit"]])
    assert thousands(found(company).calls) == {
        "booked": 0,
        "commit": 0,
        "best_case": 430,
        "pipeline": 500,
        "omitted": 70,
    }
    with moment.known_at(before):
        assert thousands(found(company, before).calls)["commit"] == 250
    assert thousands(found(company, before).calls)["commit"] == 250


def test_a_booked_deal_is_booked_whatever_was_said_of_it(company):
    number = committed(company)
    for key in walking.BEFORE_BOOKED:
        walking.verified(company, number, key)
    walking.attested(company, number)
    from_now = asked(company)
    today = periods.parse(f"{seats.now():%Y-%m}")
    assert forecast_sums.calls(from_now).commit == 0
    booked = Asked(from_now.company, seats.now(), today)
    assert forecast_sums.calls(booked).booked == 10_000_000


def test_what_verified_milestones_support_and_what_is_illusion(company):
    """Five booking milestones; two are verified on the way to the last stage before booked."""
    committed(company)
    answer = found(company)
    assert (answer.verified_commit, answer.illusion) == (4_000_000, 6_000_000)
    assert answer.supported == 10_000_000


def test_a_lost_deal_is_in_no_call(company, four):
    closing.lose(four["commit"], "price", by=company.by("rep"))
    assert thousands(found(company).calls)["commit"] == 0


def test_measures_and_the_page_say_the_same(company, four):
    question = asked(company)
    for name, value in (("commit-call", 25_000_000), ("best-case-call", 43_000_000), ("called-omitted", 7_000_000)):
        told = asking.tell(name, question)
        assert told.answer.value == value
        deals = told.answer.behind(None, 50)
        assert sum(deal.amount for deal in deals) == value and len(deals) == told.answer.count()
    weighted = asking.tell("weighted-pipeline", question).answer.value
    assert weighted == sum(found(company).weighted.values()) > 0
    assert set(measures.MEASURES) >= {"commit-call", "weighted-pipeline"}


def test_each_number_of_the_page_has_a_list_that_adds_up_to_it(company, four):
    committed(company, "77.01", delivery_units=1)
    committed(company, "1234567.89", delivery_units=1)
    then, answer = seats.now(), found(company)
    said = {
        "called-pipeline": answer.calls.pipeline, "forecast-total": answer.calls.total, "illusion-gap": answer.illusion,
        "supported-forecast": answer.supported, "verified-forecast": answer.verified,
        "weighted-pipeline": sum(answer.weighted.values()),
    }  # fmt: skip
    closing.lose(four["pipeline"], "price", by=company.by("rep"))
    for name, value in said.items():
        told = asking.tell(name, asked(company, then))
        deals = told.answer.behind(None, 2)
        while more := told.answer.behind(deals[-1].entry, 2):
            deals += more
        assert value == told.answer.value == sum(deal.amount for deal in deals) > 0, name
        assert len(deals) == told.answer.count() and all(deal.amount for deal in deals)
        assert asking.tell(name, asked(company)).answer.value < value or name != "forecast-total"
    uncalled = asking.tell("called-pipeline", asked(company, then)).answer.behind(None, 9)
    assert [deal.deal for deal in uncalled] == [four["pipeline"]]


def test_weighted_by_stage_has_a_list_of_its_own(company, four):
    answer = found(company)
    assert sum(value > 0 for value in answer.weighted.values()) == 2
    for stage, value in answer.weighted.items():
        told = asking.tell("weighted-pipeline", asked(company, stage=stage)).answer
        listed = told.behind(None, 50)
        assert told.value == value == sum(deal.amount for deal in listed) and told.count() == len(listed)
        assert {deal.place for deal in listed} == ({f"pipeline/{stage}"} if value else set())


@pytest.mark.parametrize("share", ["0.9166590284", "0.3333333333333333333333333333", "1", "1.25"])
def test_commits_divide_a_share_without_a_rest(company, share):
    """By the database as by the rules, in the order of unit, month and entry."""
    amounts = [77_01, 100_00, 100_00, 1]
    for minor in amounts:
        committed(company, f"{minor / 100:.2f}", delivery_units=1)
    whole = shares.of(Decimal(share))
    groups = [Upto("", "east", f"{DAY:%Y-%m}", sum(amounts), whole)]
    parts = [deal.amount for deal in forecast_deals.worth(asked(company), groups, None, 50)]
    assert parts[::-1] == shares.divided(amounts, whole) and sum(parts) == whole.of(sum(amounts))


def test_a_manager_judges_the_roll_up_beside_it(company, four):
    period = asked(company).period
    calls.make("east", period, 20_000_000, 40_000_000, "One of them always waits", by=company.by("manager"))
    (call,) = found(company).rolled_up
    assert (call.commit_minor, call.rolled_up.commit_call, call.because) == (
        20_000_000, 25_000_000, "One of them always waits",
    )  # fmt: skip


def test_a_snapshot_keeps_what_stood_at_its_moment_whenever_it_is_taken(company, four):
    period = asked(company).period.first
    at = locks.moment(period, 0, "UTC")
    walking.move_clock(at + timedelta(days=2))
    forecasts.submit(four["pipeline"], "omitted", Decimal("0"), by=company.by("rep"))
    later = kept.at(period, at)
    assert keeping.sweep() > 0
    assert keeping.sweep() == 0
    assert (period, 0) in kept.kept()
    assert later.deals == 3 and [row[1:] for row in later.sums] == [
        ["best_case", 1, 18_000_000], ["commit", 1, 25_000_000], ["omitted", 1, 7_000_000],
    ]  # fmt: skip
    forecasts.submit(four["best_case"], "pipeline", Decimal("0.1"), by=company.by("rep"))
    assert kept.at(period, at).digest == later.digest


def test_finished_forecasts_are_scored_by_the_locked_word(company, four):
    period = asked(company).period
    walking.move_clock(locks.moment(period.first, 0, "UTC") + timedelta(hours=1))
    keeping.sweep()
    forecasts.submit(four["best_case"], "pipeline", Decimal("0.1"), by=company.by("rep"))
    walking.move_clock(locks.moment(period.until, 0, "UTC") + timedelta(hours=1))
    question = Asked(organisation.company(), seats.now())
    lines = forecast_accuracy.of_seats(question, [company.seats["rep"]], horizon=0)
    by_deal = {line.deal: line for line in lines}
    early = by_deal[four["best_case"]]
    assert (early.said, early.counts, early.early, early.came) == (Decimal("0.6"), Decimal("0.1"), True, False)
    assert by_deal[four["commit"]].weighed_minor == 22_500_000
    assert forecast_accuracy.of_seats(question, [company.seats["rep2"]], horizon=0) == []
    assert forecast_accuracy.of_units(question, ["east", "west"], 0).figures.count == 0  # one person alone is no group


def test_odds_cohorts_and_waits(company):
    lost = walking.solution(company)
    closing.lose(lost, "price", by=company.by("rep"))
    walking.commit(company)
    question = asked(company)
    odds = passages.odds(question)
    assert odds["solution"] == Decimal("10") / 21 and odds["qualify"] == Decimal("5") / 21
    flow = passages.flow(question, seats.now() - timedelta(days=1), seats.now() + timedelta(days=1))
    steps = {step.stage: step.cohort for step in flow.steps}
    assert (steps["qualify"].entered, steps["qualify"].advanced) == (2, 2)
    assert (steps["solution"].entered, steps["solution"].advanced, steps["solution"].lost) == (2, 1, 1)
    span = seats.now() - timedelta(days=1), seats.now() + timedelta(days=1)
    for stage, cohort in steps.items():
        rows = passage_deals.entered(question, stage, *span, None, 9)
        assert cohort == conversion.Cohort(len(rows), sum(r.advanced for r in rows), sum(r.lost for r in rows))
    assert [row.deal for row in passage_deals.decided(question, "qualify", None, 9)] == [lost]
    assert passage_deals.decided(question, "commit", None, 9) == []
    for wait in waits.waits(question, *span):
        listed = passage_deals.waited(question, wait.stage, wait.function, *span, None, 9)
        assert len(listed) == wait.verified and {row.lost for row in listed} == {False}


def test_as_many_queries_for_three_deals_as_for_one(company):
    counted = []
    for _ in range(2):
        committed(company)
        with CaptureQueriesContext(connection) as queries:
            found(company)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 30
