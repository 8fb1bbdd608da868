"""/periods/ for programs and people: a month from open to closed, each refusal with its reasons, the same figures."""

from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from pipeline.commands import closing as deals
from pipeline.queries import policies
from tests import walking
from tests.closing import reconciled, verified
from tests.programs import Program
from tests.walking import move_clock, view

MARCH = "/periods/2027-03/"


@pytest.fixture
def booked(company):
    move_clock(datetime(2027, 3, 2, 9, tzinfo=UTC))
    number = walking.booked(company, amount="150000.00", close_on="2027-03-20", start_on="2027-05-01")
    move_clock(datetime(2027, 4, 2, 9, tzinfo=UTC))
    return number


def figures(program):
    """Every figure of March, each beside what its list sums up to: reported, known, and the difference."""
    said = program.get(MARCH).json()
    reported, known = (
        {name: cents(amount) for name, amount in said[which].items()} for which in ("as_reported", "as_known")
    )
    wanted = {"reported": reported, "known": known, "difference": {n: known[n] - reported[n] for n in known}}
    for how, amounts in wanted.items():
        for name, amount in amounts.items():
            deals = program.get(f"{MARCH}deals/?figure={name}&as={how}&limit=1").json()
            assert sum(cents(one["amount"]["amount"]) for one in deals["results"]) == amount, (name, how)
            assert deals["next"] is None
    return wanted


def cents(text):
    return int(text.replace(".", ""))


def refusal(program, address, body):
    """A refused command rolls back to here."""
    with transaction.atomic():
        said = program.post(address, body, 409).json()
        transaction.set_rollback(True)
    return said


def test_a_month_is_closed_and_restated_over_the_api(company, booked):
    finance, second, cfo = (Program(company, name) for name in ("finance", "finance2", "cfo"))
    refused = refusal(finance, f"{MARCH}closings/", {})
    assert refused["type"].endswith("/period-not-ready")
    assert {one["key"] for one in refused["refusals"]} > {"prepared", "verified", "signed-finance"}
    said = finance.post(f"{MARCH}preparations/", {}, 201).json()
    assert said["state"] == "soft-closed" and said["as_reported"]["bookings"] == "150000.00"
    for name, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        body = {"function": function, "sha256": said["sha256"]}
        Program(company, name).post(f"{MARCH}signatures/", body, 201)
    stale = {"function": "sales", "sha256": "0" * 64}
    assert refusal(Program(company, "cro"), f"{MARCH}signatures/", stale)["type"].endswith("/figures-changed")
    verified()
    reconciled()
    assert finance.get(MARCH).json()["ready"] is False, "who prepared it reads that another person closes it"
    assert second.get(MARCH).json()["ready"] is True
    done = second.post(f"{MARCH}closings/", {}, 201).json()
    assert (done["state"], done["version"], done["closed_by"]) == ("closed", 1, "Finance2")
    told = {"measure": "as-reported", "period": "2027-03"}
    file = second.post("/exports/", told, 200).content
    assert _verdict(file) == ("genuine and current", "150000.00")
    behind = "/measures/as-reported/deals/?period=2027-03"
    (listed,) = second.get(behind).json()["results"]
    assert (listed["deal"], listed["amount"]["amount"]) == (view(booked).ref, "150000.00")
    page = _page(company)
    assert "Proof of what was reported" in page and "/measures/as-reported/deals/?period=2027-03" in page
    assert "/measures/as-reported/file.csv?period=2027-03" in page
    reason = policies.version(view(booked).policy_version).loss_reasons[0]
    deals.lose(booked, reason, by=company.by("rep"), on=date(2027, 3, 26))
    differs = figures(second)["difference"]
    assert differs["bookings"] == -150_000_00 and differs["backlog"] == -150_000_00 and differs["revenue"] == 0
    now = second.get(MARCH).json()
    assert (now["as_reported"]["bookings"], now["as_known"]["bookings"]) == ("150000.00", "0.00")
    assert second.get(behind).json()["results"] == [listed], "what came late was not reported"
    why = {"function": "finance", "reason": "a cancellation came late"}
    assert cfo.post(f"{MARCH}restatements/", why, 201).json()["restating"] == {"finance": "Cfo"}
    again = Program(company, "cro").post(f"{MARCH}restatements/", why | {"function": "sales"}, 201).json()
    assert (again["version"], again["as_reported"]["bookings"]) == (2, "0.00")
    assert [one["version"] for one in again["snapshots"]] == [2, 1]
    assert _verdict(file) == ("genuine, superseded", "0.00"), "what was reported was restated"
    assert second.get(behind).json()["results"] == []
    assert not any(figures(second)["difference"].values())


def _page(company):
    client = Client()
    client.force_login(company.person("finance2"))
    return client.get("/periods/2027-03/").content.decode()


def _verdict(file):
    said = Client().post("/api/v1/verifications/", {"file": SimpleUploadedFile("snapshot.csv", file)}).json()
    return said["verdict"], said["now"]["value"]


def test_months_come_newest_first_page_by_page(company, booked):
    finance = Program(company, "finance")
    page = finance.get("/periods/?limit=2").json()
    assert [one["period"] for one in page["results"]] == ["2027-04", "2027-03"]
    assert finance.get("/periods/?limit=2&after=2027-03").json()["results"][0]["period"] == "2027-02"
    finance.get("/periods/?after=soon", 422)
    finance.get("/periods/2027-13/", 404)


def test_figures_are_of_the_units_that_one_sees(company, booked):
    assert Program(company, "rep_west").get(MARCH).json()["as_reported"]["bookings"] == "0.00"
    assert Program(company, "rep").get(MARCH).json()["as_reported"]["bookings"] == "150000.00"


def test_the_page_shows_the_same_and_its_button_says_why(company, booked):
    browser = Client()
    browser.force_login(company.people["finance"])
    page = browser.get(MARCH).content.decode()
    assert "Gate to closed" in page and "shut: Nobody has prepared the figures yet." in page
    assert "USD 150,000.00" in page and "Prepare the period" in page
    assert browser.post(f"{MARCH}preparations/", {"request_id": "a" * 32}).status_code == 303
    page = browser.get(MARCH).content.decode()
    assert "Soft-closed" in page and "Sign for" not in page, "who prepared it does not sign it"
    browser.force_login(company.people["cfo"])
    assert "Sign for finance" in browser.get(MARCH).content.decode()
    assert (
        "March 2027" in browser.get("/periods/").content.decode()
        or "Mar 2027" in browser.get("/periods/").content.decode()
    )
    link = f"{MARCH}deals/?figure=backlog&as=known"
    assert f'href="{link}">USD 150,000.00</a>' in unescape(browser.get(MARCH).content.decode())
    listed = browser.get(link).content.decode()
    assert view(booked).ref in listed and 'class="num strong">USD 150,000.00</td>' in listed
    assert browser.get(f"{MARCH}deals/?figure=luck").status_code == 404
    browser.force_login(company.people["auditor"])
    assert "Sign for" not in browser.get(MARCH).content.decode()


def test_a_list_costs_the_same_with_many_months(company, booked, django_assert_max_num_queries):
    finance = Program(company, "finance")
    finance.get("/periods/?limit=1")
    with django_assert_max_num_queries(20):
        finance.get("/periods/?limit=200")
    assert connection.in_atomic_block
