"""Two beats, two people, one alert: each thing happens once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from crm_ledger.verify import run
from governance.commands import deadlines, reservations, waivers
from governance.commands.alerting import acts, ladder
from governance.queries import alerts
from ledger.queries import entries
from ledger.rules.problems import Problem
from pipeline.queries import calendars, seats
from reporting.commands import forecasts
from tests import walking
from tests.concurrency.racing import race

CREDIT = "credit-approved"


@pytest.fixture
def company(committed_company):
    return committed_company[1]


def kinds(alert):
    return [entry.kind for entry in reversed(entries.timeline(f"alert/{alert}"))]


def test_many_sweeps_open_an_alert_once_and_let_it_climb_once(company):
    number = walking.solution(company)
    row = walking.milestone(number, CREDIT)
    walking.move_clock(walking.standing(number, CREDIT).due_at + timedelta(minutes=1))
    race([deadlines.sweep] * 4)
    (alert,) = alerts.ids_of_milestone(row)
    walking.move_clock(alerts.one(alert).alert.next_at + timedelta(seconds=1))
    race([ladder.sweep] * 4)
    assert kinds(alert) == ["alert.opened", "alert.escalated"]


def test_two_people_take_it_up_and_one_is_told(company):
    number = walking.solution(company)
    row = walking.milestone(number, CREDIT)
    walking.move_clock(walking.standing(number, CREDIT).due_at + timedelta(minutes=1))
    deadlines.sweep()
    (alert,) = alerts.ids_of_milestone(row)
    results = race([lambda who=who: acts.acknowledge(alert, by=company.by(who)) for who in ("finance", "finance2")])
    assert [result.slug for result in results if isinstance(result, Problem)] == ["alert-state"]
    assert kinds(alert) == ["alert.opened", "alert.acknowledged"]


def test_two_grants_of_one_team_stay_within_the_budget(company):
    """Six million currency-days each, ten for the quarter: whichever comes second is refused."""
    numbers = [walking.solution(company, amount="600000.00") for _ in range(2)]
    day = (seats.now() + timedelta(days=10)).date()
    for number in numbers:
        waivers.ask(number, CREDIT, "other", day, "we call the bank", by=company.by("rep"))
    results = race(
        [lambda number=number: waivers.decide(number, CREDIT, True, by=company.by("ops")) for number in numbers]
    )
    assert sorted(result.slug for result in results if isinstance(result, Problem)) == ["waiver-budget"]


def test_two_sweeps_end_a_waiver_once(company):
    number = walking.solution(company, amount="1000.00")
    day = (seats.now() + timedelta(days=3)).date()
    waivers.ask(number, CREDIT, "other", day, "we call the bank", by=company.by("rep"))
    waivers.decide(number, CREDIT, True, by=company.by("ops"))
    walking.move_clock(seats.now() + timedelta(days=4))
    race([waivers.sweep] * 4)
    assert walking.kinds(number).count("waiver.ended") == 1


def test_many_sweeps_open_a_broken_promise_of_capacity_again_once(company):
    """880 of 950 are promised in that month and 264 projected; the last of this module, for the clock goes far."""
    window = {"delivery_months": 1, "start_on": "2027-07-01", "close_on": "2027-06-01"}
    full = walking.opened(company, delivery_units=880, **window)
    assert reservations.reserve(full, by=company.by("ops"), confirm=True).fits
    wanted = walking.opened(company, delivery_units=264, amount="264000.00", **window)
    forecasts.submit(wanted, "best_case", Decimal("0.6"), by=company.by("rep"))
    [held] = alerts.of_capacity("east", date(2027, 7, 1))
    alert, ops = held.id, company.by("ops")
    acts.acknowledge(alert, by=ops)
    acts.explain(alert, "capacity", "The second line comes in autumn", by=ops)
    acts.commit(alert, calendars.of_unit("east").after(seats.now().date()), "A second shift", by=ops)
    walking.move_clock(alerts.one(alert).alert.next_at + timedelta(seconds=1))
    race([ladder.sweep] * 4)
    assert kinds(alert)[-2:] == ["alert.committed", "alert.reopened"]
    connection.close()
    found = run.verify()
    assert [one for name in ("completeness", "lawfulness") for one in found[name].violations] == []
