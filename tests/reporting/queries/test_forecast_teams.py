"""Sums over teams: whatever is asked, no two answers differ by what fewer than five people have foretold.

Seen to fail with the guard of `of_units` taken out: the sixth person's deal is the difference of two horizons.
"""

from datetime import timedelta
from decimal import Decimal

import pytest

from ledger.rules.actor import Actor
from pipeline.commands import opening, organisation
from pipeline.models import Person
from pipeline.queries import organisation as firm
from pipeline.queries import seats
from reporting.commands import forecasts
from reporting.commands import locks as keeping
from reporting.queries import forecast_accuracy, forecast_answer
from reporting.queries.measuring import Asked
from reporting.rules import periods
from reporting.rules.forecast import locks
from tests import walking
from tests.company import SETUP


def team(count):
    """Reps of the east, each with a seat of today."""
    found = []
    for at in range(count):
        person = Person.objects.create(email=f"rep{at}@team.example", name=f"Rep {at}", password="!")
        organisation.fill_seat(person.pk, "sales", "east", "rep", by=SETUP)
        found.append(Actor(person.pk, "shell"))
    return found


def foretell(company, who, month, amount="100000.00"):
    close = month.first + timedelta(days=10)
    said = {"amount": amount, "close_on": close.isoformat(), "start_on": (close + timedelta(days=20)).isoformat()}
    number = opening.open_deal("Pallet automation", walking.stated(company, **said), by=who).id
    forecasts.submit(number, "pipeline", Decimal("0.5"), by=who)


def finished(company, early, late):
    """A month that is over: `early` have spoken before the lock of 30 days, `late` only before it began."""
    people = team(early + late)
    today = seats.now().date()
    month = periods.beside(periods.parse(f"{today:%Y-%m}"), 4)
    for who in people[:early]:
        foretell(company, who, month)
    for horizon in (90, 60, 30):
        walking.move_clock(max(locks.moment(month.first, horizon, "UTC") + timedelta(hours=1), seats.now()))
        keeping.sweep()
    for who in people[early:]:
        foretell(company, who, month, "777000.00")
    walking.move_clock(locks.moment(month.first, 0, "UTC") + timedelta(hours=1))
    keeping.sweep()
    walking.move_clock(locks.moment(month.until, 0, "UTC") + timedelta(hours=1))
    return Asked(firm.company(), seats.now())


def shown(asked, horizon):
    return {(month.period, month.said_minor) for month in forecast_accuracy.of_units(asked, ["east"], horizon).months}


@pytest.mark.parametrize("late", [1, 4])
def test_no_two_horizons_differ_by_fewer_than_five(company, late):
    asked = finished(company, 5, late)
    before = shown(asked, 30)
    assert len(before) == 1 and shown(asked, 60) == before, "the same people again tell nothing new"
    assert shown(asked, 0) == set()


def test_five_more_may_be_shown_beside_the_others(company):
    asked = finished(company, 5, 5)
    ((_, said),) = shown(asked, 30)
    ((_, then),) = shown(asked, 0)
    assert then - said == 5 * 388_500_00


def test_nobody_gets_round_it_by_the_unit_or_the_moment(company):
    """Readers of one unit and of all get the same group; at a past moment a month is there whole or not at all."""
    asked = finished(company, 5, 1)
    name = f"{asked.company.day_of(asked.as_of):%Y-%m}"
    period = periods.parse(name)
    whole = forecast_answer.answer(Asked(asked.company, asked.as_of, period), period)
    of_east = forecast_answer.answer(Asked(asked.company, asked.as_of, period, units=("east",)), period)
    assert [team.accuracy.months for team in of_east.teams] == [team.accuracy.months for team in whole.teams]
    assert len(whole.teams) == 1 and whole.accuracy.months == of_east.accuracy.months
    (month,) = whole.accuracy.months
    for days in (1, 20, 40, 70):
        past = Asked(asked.company, asked.as_of - timedelta(days=days), period, past=True)
        seen = forecast_accuracy.of_units(past, ["east"]).months
        assert seen in ((), (month,))
