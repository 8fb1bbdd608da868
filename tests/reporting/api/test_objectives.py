"""Objectives and targets by the interface and on their pages: set, measured, linked, revised, and as they were."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.queries import targets
from pipeline.queries import seats
from reporting.rules import periods
from tests import walking
from tests.programs import Program
from tests.walking import move_clock


def quarter():
    return periods.quarter_of(seats.now().date()).name


@pytest.fixture
def cfo(company):
    return Program(company, "cfo")


@pytest.fixture
def cro(company):
    return Program(company, "cro")


def plan(**more):
    return {"purpose": "plan", "measure": "booked", "goal": "400000.00", "period": quarter(), **more}


def made(program, address, body, status=201):
    with transaction.atomic():
        response = program.send("POST", address, body)
        transaction.set_rollback(status >= 400)
    assert response.status_code == status, response.content
    return response.json()


def look(company, path, name="cro"):
    client = Client()
    client.force_login(company.person(name))
    response = client.get(path)
    return response.status_code, " ".join(response.content.decode().split())


def test_a_plan_is_measured_by_the_number_that_everybody_sees(company, cfo):
    walking.booked(company)
    found = made(cfo, "/targets/", plan())
    assert found["progress"] == {
        "value": "100000.00", "gap": "-300000.00", "percent": 25, "time_passed": found["progress"]["time_passed"],
        "state": found["progress"]["state"],
    }  # fmt: skip
    period = periods.parse(quarter())
    assert targets.plan("booked", period.first, period.until, None) == 400_000_00
    status, page = look(company, "/objectives/")
    assert status == 200 and "USD 400,000.00" in page and "▼ USD 300,000.00 below" in page


def test_an_objective_with_its_key_results_and_their_average(company, cro):
    walking.booked(company)
    number = made(cro, "/objectives/", {"title": "Win the north", "period": quarter()})["id"]
    result = {"purpose": "key_result", "measure": "booked", "goal": "200000.00", "objective": number, "title": "Booked"}
    made(cro, "/targets/", result)
    found = cro.get(f"/objectives/{number}/").json()
    assert found["owner"] == "Cro" and found["key_results"][0]["progress"]["percent"] == 50
    _status, page = look(company, "/objectives/")
    assert "Win the north" in page and "50 %" in page and "Set an objective" in page
    assert re.search(r'of <a href="/ledger/\d+/">USD 200,000.00</a>', page), "a goal opens the entry that set it"
    assert "(may stay empty)" not in page.split("Set an objective")[1], "what is chosen is never empty"
    _status, page = look(company, "/objectives/", "auditor")
    assert "Win the north" in page and "Set an objective" not in page


def test_faults_say_what_to_write(cfo, cro):
    for body, code in (
        (plan(measure="luck"), "TARGET-11"), (plan(goal="1.001"), "TARGET-12"), (plan(goal="0"), "TARGET-2"),
        (plan(period="soon"), "PERIOD-1"),
    ):  # fmt: skip
        assert made(cfo, "/targets/", body, 422)["errors"][0]["code"] == code
    result = {"purpose": "key_result", "measure": "booked", "goal": "5"}
    assert made(cro, "/targets/", result, 422)["errors"][0]["code"] == "TARGET-8"
    assert made(cro, "/objectives/", {"title": "x", "period": "2026"}, 422)["errors"][0]["code"] == "TARGET-1"


def test_a_revision_shows_from_its_moment_on(company, cfo):
    number = made(cfo, "/targets/", plan())["id"]
    before = seats.now()
    move_clock(before + timedelta(hours=1))
    assert made(cfo, f"/targets/{number}/versions/", plan(goal="500000.00"))["version"] == 2
    at = before.isoformat().replace("+00:00", "Z")
    assert cfo.get(f"/targets/{number}/").json()["target"]["goal"] == "500000.00"
    assert cfo.get(f"/targets/{number}/?as_of={at}").json()["target"]["goal"] == "400000.00"
    status, page = look(company, f"/targets/{number}/?as_of={at}")
    assert status == 200 and "USD 400,000.00" in page and "Set the next version" not in page


def test_a_linked_deal_stands_on_the_target_and_is_seen_by_who_may(company, cfo):
    number = made(cfo, "/targets/", plan(unit="east"))["id"]
    deal = walking.opened(company)
    manager = Program(company, "manager")
    found = made(manager, f"/targets/{number}/links/", {"deal": f"D-{deal:06d}", "amount": "-1500.50"})
    assert [row["amount"] for row in found["links"]] == ["-1500.50"]
    _status, page = look(company, f"/targets/{number}/", "manager")
    assert "Pallet automation" in page and "Link a deal" in page
    assert look(company, f"/targets/{number}/", "rep_west")[0] == 404
    assert Program(company, "rep_west").send("GET", f"/targets/{number}/").status_code == 404
    assert Program(company, "rep_west").get("/targets/").json()["results"] == []


def test_the_forms_do_the_same(company):
    client = Client()
    client.force_login(company.person("cfo"))
    sent = client.post("/targets/new/", {**plan(goal="7,500.00"), "request_id": "one"})
    number = int(sent["Location"].split("/")[2])
    assert targets.target(number).target.goal == 7_500_00
    client.post(f"/targets/{number}/versions/", {"goal": "8000", "base": "0", "request_id": "two"})
    assert (targets.target(number).target.goal, targets.target(number).target.version) == (8_000_00, 2)
    client.post(f"/targets/{number}/withdrawals/", {"reason": "a new plan", "request_id": "three"})
    assert targets.target(number).target.state == "withdrawn"


def test_a_refused_form_keeps_what_was_typed_beside_what_is_wrong(company, cro, cfo):
    """Short words as well: a bad amount, a period that is none, a deal that nobody knows."""
    number = made(cro, "/objectives/", {"title": "Win the north", "period": quarter()})["id"]
    target = made(cfo, "/targets/", plan())["id"]
    result = {"objective": number, "measure": "lost", "base": "1", "goal": "soon", "title": "Few"}
    for who, path, said, field, code, kept in (
        ("cfo", "/targets/new/", {"measure": "lost", "goal": "lots", "period": "2026"}, "p-goal", "TARGET-13", "lots"),
        ("cro", "/targets/new/", result, f"kr{number}-goal", "TARGET-13", "Few"),
        ("cro", "/objectives/new/", {"title": "Grow", "period": "soon"}, "o-period", "PERIOD-1", "Grow"),
        ("cro", f"/objectives/{number}/withdrawals/", {"reason": "no"}, f"w{number}-reason", "TARGET-5", "no"),
        ("cfo", f"/targets/{target}/versions/", {"base": "7", "goal": "7.001"}, "r-goal", "TARGET-12", "7.001"),
        ("cfo", f"/targets/{target}/links/", {"deal": "D-7", "amount": "5"}, "l-deal", "TARGET-14", "D-7"),
        ("cfo", f"/targets/{target}/withdrawals/", {"reason": "x"}, f"w{target}-reason", "TARGET-5", "x"),
    ):  # fmt: skip
        client = Client()
        client.force_login(company.person(who))
        with transaction.atomic():
            response = client.post(path, said | {"shown": quarter(), "request_id": path})
            transaction.set_rollback(True)
        page = response.content.decode()
        assert response.status_code == 422, (path, page)
        assert f'aria-describedby="{field}_error"' in page or f'{field}_error"' in page, path
        assert code in page.split(f'id="{field}"')[1][:600] and f'value="{kept}"' in page, path
        assert 'id="errors-title"' in page and f'href="#{field}"' in page
        if "measure" in said:
            assert page.count('<option value="lost" selected>') == 1


def test_as_many_queries_for_three_targets_as_for_one(company, cfo):
    """Measures that rest on the same postings read them once for all targets of a period and a unit."""
    counts = []
    for measure in ("booked", "gross", "de-booked"):
        made(cfo, "/targets/", plan(measure=measure))
        with CaptureQueriesContext(connection) as queries:
            rows = cfo.get("/targets/").json()["results"]
        counts.append((len(rows), len(queries)))
    assert counts == [(1, counts[0][1]), (2, counts[0][1]), (3, counts[0][1])]
