"""GET /variance/: the table of the design, to the cent, from booking to late verification, at any moment."""

from datetime import UTC, datetime

import pytest

from governance.commands import deadlines, milestones
from pipeline.queries.deals import ref_of
from tests import walking
from tests.programs import Program
from tests.walking import move_clock

# The design's example, three years on: as many days.
TABLE = {
    "2028-04": ("29589.04", "0.00", "-29589.04"),
    "2028-05": ("30575.34", "15780.82", "-14794.52"),
    "2028-06": ("29589.04", "29589.04", "0.00"),
    "2029-04": ("0.00", "29589.04", "29589.04"),
    "2029-05": ("0.00", "14794.52", "14794.52"),
}


@pytest.fixture
def deal(company):
    return walking.booked(company, amount="360000.00", close_on="2028-03-01", start_on="2028-04-01", delivery_months=12)


def day(*on):
    return datetime(*on, 17, tzinfo=UTC)


def delivered_late(company, number):
    move_clock(day(2028, 4, 1))
    deadlines.sweep()
    move_clock(day(2028, 5, 16))
    row = walking.submitted(company, number, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))


def by_month(answer):
    return {row["period"]: (row["baseline"], row["expected"], row["variance"]) for row in answer["rows"]}


def test_the_table_of_the_design(company, deal):
    rep = Program(company, "rep")
    address = f"/variance/?deal={ref_of(deal)}"
    delivered_late(company, deal)
    answer = rep.get(address).json()
    rows = by_month(answer)
    assert {month: rows[month] for month in TABLE} == TABLE
    assert (answer["baseline"], answer["expected"], answer["life"]) == ("360000.00", "360000.00", "0.00")
    april = answer["rows"][0]["causes"]
    assert april == [
        {"cause": "milestone_miss", "amount": "-29589.04", "milestone": "delivered", "due_on": "2028-04-01",
         "expected_on": "2028-05-16", "slip_days": 45, "system_estimate": False}
    ]  # fmt: skip
    quarter = rep.get("/variance/?period=2028-Q2").json()
    assert (quarter["baseline"], quarter["expected"], quarter["life"]) == ("89753.42", "45369.86", "-44383.56")
    year = rep.get("/variance/?period=2028").json()
    assert (year["baseline"], year["expected"], year["life"]) == ("271232.88", "226849.32", "-44383.56")


def test_at_every_moment_as_it_was_known_then(company, deal):
    rep, ref = Program(company, "rep"), ref_of(deal)
    move_clock(day(2028, 3, 31))
    before = rep.get(f"/variance/?deal={ref}").json()
    assert {row["variance"] for row in before["rows"]} == {"0.00"}
    delivered_late(company, deal)
    # At the due moment the system expects it 14 days on: 1 April becomes 15 April.
    then = rep.get(f"/variance/?deal={ref}&as_of=2028-04-02T09:00:00Z").json()
    assert by_month(then)["2028-04"] == ("29589.04", "15780.82", "-13808.22")
    assert then["rows"][0]["causes"][0]["system_estimate"] is True
    again = rep.get(f"/variance/?deal={ref}&as_of=2028-03-31T17:00:00Z").json()
    assert again["rows"] == before["rows"]


def test_a_reader_sees_the_variance_of_their_units_only(company, deal):
    west = Program(company, "rep_west")
    west.get(f"/variance/?deal={ref_of(deal)}", status=404)
    west.get("/variance/?unit=east", status=404)
    delivered_late(company, deal)
    assert west.get("/variance/?period=2028-Q2").json()["rows"] == []
    assert Program(company, "cro").get("/variance/?period=2028-Q2&unit=east").json()["life"] == "-44383.56"


def test_the_parts_of_a_period_sum_to_its_variance(company, deal):
    delivered_late(company, deal)
    for row in Program(company, "auditor").get("/variance/").json()["rows"]:
        assert sum(round(float(part["amount"]) * 100) for part in row["causes"]) == round(float(row["variance"]) * 100)
