"""A forecast over the ceiling opens an alert on its day: the regional case of the design."""

from datetime import date

import pytest
from django.db import transaction

from governance.commands import reservations
from governance.commands.alerting import excess
from governance.queries import alerts
from governance.rules.projected import Projected
from ledger.queries import entries
from pipeline.queries import seats
from tests import walking

JANUARY, FEBRUARY = date(2028, 1, 1), date(2028, 2, 1)
CASE = Projected("east", JANUARY, 264, 26_400_000)


@pytest.fixture
def promised(company):
    """880 of the 1,000 that East has in January are promised."""
    full = walking.opened(
        company, delivery_units=880, delivery_months=1, start_on=JANUARY.isoformat(), close_on="2027-12-01"
    )
    assert reservations.reserve(full, by=company.by("ops"), confirm=True).fits


def submit(*projected, period="2028-Q1"):
    with transaction.atomic():
        return excess.of_forecast(period, projected, seats.now())


def test_the_regional_case(company, promised):
    [number] = submit(CASE)
    [entry] = entries.timeline(f"alert/{number}")
    assert entry.body["capacity"] == {
        "month": "2028-01-01", "available": 1000, "limit": 950, "taken": 880, "projected": 264, "over": 194,
        "fulfillable": 70,
    }  # fmt: skip
    held = alerts.one(number).alert
    assert (held.subject, held.function, held.counterpart, held.unit) == ("capacity", "operations", "sales", "east")
    # 70 of 264 fit (26.5 %), so 194 of 264 of the value do not.
    assert [(part["period"], part["amount_minor"]) for part in held.stake] == [("2028-01-01", 19_400_000)]
    assert (held.stake_minor, held.state, held.opened_at.date()) == (19_400_000, "open", seats.now().date())


def test_the_same_forecast_opens_one_alert(company, promised):
    assert len(submit(CASE)) == 1
    assert submit(CASE) == submit(CASE._replace(units=300)) == []
    assert len(submit(CASE, period="2028-Q2")) == 1
    assert len(submit(CASE, CASE._replace(month=FEBRUARY, units=1_000))) == 1


def test_what_fits_opens_none(company, promised):
    assert submit(CASE._replace(units=70)) == []
    assert submit() == []


def test_parts_of_a_month_are_added_up(company, promised):
    half = CASE._replace(units=132, value_minor=13_200_000)
    [number] = submit(half, half)
    assert alerts.one(number).alert.stake_minor == 19_400_000
