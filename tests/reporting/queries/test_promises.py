"""Promised, feasible and delivered day side by side, and the rate beside booked: now and at past moments."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from governance.commands import deadlines, milestones, replanning
from ledger.queries import moment
from pipeline.queries import organisation, seats
from reporting.commands import passing
from reporting.queries import asking, promises
from reporting.queries.measuring import Asked
from tests import walking
from tests.programs import Program
from tests.walking import move_clock


def at(month, day):
    return datetime(2027, month, day, 9, tzinfo=UTC)


def told(number):
    return next(
        row for row in promises.listing(organisation.company(), None, before=None, limit=50) if row.deal == number
    )


def rate(**more):
    return asking.tell("fulfilment", Asked(organisation.company(), seats.now(), **more)).answer


@pytest.fixture
def two(company):
    """590,000 each for January and February: one is delivered from the first day, the other stands."""
    move_clock(datetime(2026, 12, 1, 9, tzinfo=UTC))
    terms = {"close_on": "2026-12-20", "start_on": "2027-01-01", "delivery_months": 2, "delivery_units": 10}
    kept, late = (walking.booked(company, amount="590000.00", **terms) for _number in range(2))
    milestones.verify(walking.submitted(company, kept, "delivered", "ops"), by=company.by("ops2"))
    return kept, late


def test_three_days_of_each_deal(company, two, django_assert_num_queries):
    kept, late = two
    assert told(late).state == "open" and told(kept).state == "kept"
    assert told(kept).delivered == date(2026, 12, 1) and told(kept).days == -31
    move_clock(at(2, 2))
    deadlines.sweep()
    passing.sweep()
    before = seats.now()
    row = told(late)
    assert (row.promised, row.delivered, row.state, row.estimated) == (date(2027, 1, 1), None, "behind", True)
    assert row.feasible == date(2027, 2, 16), "the default of 14 days from now"
    replanning.replan(walking.milestone(late, "delivered"), date(2027, 2, 20), by=company.by("ops"), note="Repaired")
    assert (told(late).feasible, told(late).estimated) == (date(2027, 2, 20), False)
    move_clock(at(2, 18))
    milestones.verify(walking.submitted(company, late, "delivered", "ops"), by=company.by("ops2"))
    row = told(late)
    assert (row.delivered, row.state, row.days) == (date(2027, 2, 18), "late", 48)
    with moment.known_at(before):
        assert (told(late).delivered, told(late).state) == (None, "behind")
    known = organisation.company()
    with django_assert_num_queries(1):
        promises.listing(known, ("east",), before=None, limit=50)


def test_the_rate_beside_booked(company, two):
    assert rate().value is None, "no month has ended"
    move_clock(at(2, 2))
    deadlines.sweep()
    passing.sweep()
    assert rate().value == Decimal("0.5"), "310,000 of 620,000"
    assert [(row.key, row.value) for row in rate(by=("period",)).rows] == [(("2027-01",), Decimal("0.5"))]
    assert rate(units=("west",)).value is None


def test_page_program_and_file_say_the_same(company, two):
    rows = Program(company, "auditor").get("/promises/?limit=1").json()
    assert rows["results"][0]["state"] == "open" and rows["next"]
    assert [row["state"] for row in Program(company, "ops").get("/promises/?unit=east").json()["results"]] == [
        "open", "kept",
    ]  # fmt: skip
    Program(company, "rep_west").get("/promises/?unit=east", 404)
    assert Program(company, "rep_west").get("/promises/").json()["results"] == []
    browser = Client()
    browser.force_login(company.person("auditor"))
    page = browser.get("/promises/").content.decode()
    assert "Fulfilment rate" in page and "not yet" in page
    lines = list(csv.DictReader(io.StringIO(browser.get("/promises/promises.csv").content.decode("utf-8-sig"))))
    assert [line["state"] for line in lines] == ["open", "kept"]
    assert lines[1]["promised"] == "2027-01-01" and lines[1]["delivered"] == "2026-12-01" and lines[1]["days"] == "-31"
