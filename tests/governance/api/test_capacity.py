"""Capacity through the real addresses."""

import pytest
from django.db import transaction

from governance.commands import reservations
from tests import walking
from tests.programs import Program


@pytest.fixture
def rep(company):
    return Program(company, "rep")


def deal(company, units=120, **more):
    return walking.opened(
        company, delivery_units=units, delivery_months=3, start_on="2027-07-01", close_on="2027-06-01", **more
    )


def alone(program, address):
    """A refusal, and nothing of it stays: it ends the transaction that it is in."""
    with transaction.atomic():
        response = program.send("POST", address, {})
        transaction.set_rollback(True)
    return response


def reserve(program, number, status, **body):
    ref = f"D-{number:06d}"
    etag = program.get(f"/deals/{ref}/", 200).headers["ETag"]
    return program.send("POST", f"/deals/{ref}/reservations/", body, If_Match=etag), status


def test_a_reservation_and_what_the_unit_says_then(company, rep):
    number = deal(company)
    response, _ = reserve(rep, number, 201)
    assert response.status_code == 201, response.content
    assert [(row["month"], row["units"], row["state"]) for row in response.json()["months"]] == [
        ("2027-07-01", 120, "soft"), ("2027-08-01", 120, "soft"), ("2027-09-01", 120, "soft"),
    ]  # fmt: skip
    said = rep.get("/capacity/?unit=east&from=2027-07&to=2027-07", 200).json()
    (month,) = said["units"][0]["months"]
    assert (month["available"], month["limit"], month["soft"], month["confirmed"]) == (1000, 950, 120, 0)
    assert (month["load"], month["utilisation"], month["over"]) == (120, "0.1200", 0)


def test_what_does_not_fit_is_a_problem_with_months_and_dates_and_is_on_the_record(company, rep):
    other = deal(company, 860)
    assert reservations.reserve(other, by=company.by("ops"), confirm=True).fits
    number = deal(company)
    response, _ = reserve(rep, number, 409)
    said = response.json()
    assert (response.status_code, said["type"].rsplit("/", 1)[1]) == (409, "over-capacity")
    assert said["over"][0] == {"month": "2027-07-01", "over": 30, "load": 980, "limit": 950}
    assert (said["earliest_start"], said["order_by"]) == ("2027-10-01", "2027-04-17")
    assert walking.kinds(number)[-1] == "reservation.refused"


def test_the_regional_case_by_the_interface(company, rep):
    """Capacity 1,000, load 880, +30 % is 1,144: 114.4 %, 194 over, 70 of 264 fit."""
    assert reservations.reserve(deal(company, 880), by=company.by("ops"), confirm=True).fits
    for units in (100, 164):
        deal(company, units)
    (month,) = rep.get("/capacity/?unit=east&from=2027-07&to=2027-07", 200).json()["units"][0]["months"]
    assert (month["load_if_all_won"], month["utilisation_if_all_won"], month["over_if_all_won"]) == (
        1144,
        "1.1440",
        194,
    )
    assert (month["demand"], month["fulfillable"], month["unfulfillable"]) == (264, 70, 194)
    assert month["expected_demand"] == 66  # nothing was resolved yet: a quarter of the way, a quarter of the chance


def test_as_of_a_moment_before(company, rep):
    number = deal(company)
    before = walking.view(number).stage_entered_at
    reservations.reserve(number, by=company.by("rep"))
    ask = "/capacity/?unit=east&from=2027-07&to=2027-07"
    (then,) = rep.get(f"{ask}&as_of={before:%Y-%m-%dT%H:%M:%S}Z", 200).json()["units"][0]["months"]
    (now,) = rep.get(ask, 200).json()["units"][0]["months"]
    assert (then["soft"], now["soft"], then["available"], now["available"]) == (0, 120, 1000, 1000)


def test_an_expansion_from_order_to_verification(company):
    ops, other = Program(company, "ops"), Program(company, "ops2")
    order = {"unit": "east", "units": 100, "ordered_on": "2026-05-20", "lead_days": 75}
    made = ops.send("POST", "/capacity/expansions/", order)
    assert made.status_code == 201, made.content
    said = made.json()
    assert (said["ready_on"], said["counts_from"], said["state"]) == ("2026-08-03", "2026-09-01", "ordered")
    verify = f"/capacity/expansions/{said['id']}/verifications/"
    refused = alone(ops, verify)
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("/separation-of-duties")
    assert other.send("POST", verify, {}).json()["state"] == "verified"
    assert alone(other, verify).status_code == 409
    assert alone(Program(company, "ops_west"), verify).status_code == 404


@pytest.mark.parametrize("ask", ["from=2027-13", "from=2027-07&to=2027-01", "from=2020-01&to=2030-01", "month=x",
                                 "to=9999-12", "from=0001-01"])  # fmt: skip
def test_what_cannot_be_asked(rep, ask):
    assert rep.get(f"/capacity/?{ask}", 422).json()["errors"]
