"""A stopped scheduler hides no miss: who reads a page finds it, and the page says how far behind it is."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from crm_ledger import freshness
from crm_ledger.management.commands import clock as clock_command
from governance.commands import deadlines
from pipeline.queries import deals
from pipeline.queries.deals import ref_of
from tests import walking
from tests.programs import Program
from tests.walking import kinds, move_clock


@pytest.fixture
def number(company):
    return walking.solution(company)


@pytest.fixture
def browser(company):
    client = Client()
    client.force_login(company.person("rep"))
    return client


def to_due(number):
    move_clock(deals.read_one(number).standings["credit-approved"].due_at)


@pytest.mark.parametrize(
    "address", ["/", "/board/", "/deals/", "/deals/{ref}/", "/alerts/", "/booked/", "/ledger/position/"]
)
def test_reading_a_page_notes_what_is_due(browser, number, address):
    to_due(number)
    assert browser.get(address.format(ref=ref_of(number))).status_code == 200
    assert kinds(number).count("milestone.missed") == 2
    assert deadlines.sweep() == 0


@pytest.mark.parametrize("address", ["/deals/", "/deals/{ref}/", "/milestones/", "/alerts/", "/heartbeat/", "/booked/"])
def test_reading_through_the_api_notes_what_is_due(company, number, address):
    program = Program(company, "rep")
    to_due(number)
    program.get(address.format(ref=ref_of(number)))
    assert kinds(number).count("milestone.missed") == 2


def test_a_read_with_nothing_due_costs_one_probe(browser, number):
    browser.get("/deals/")
    with CaptureQueriesContext(connection) as queries:
        browser.get("/deals/")
    probes = [query["sql"] for query in queries if "watch_at" in query["sql"]]
    assert len(probes) == 1


def test_a_process_that_saw_nothing_due_believes_it_for_a_moment(browser, number, settings, monkeypatch):
    settings.LOOK_EVERY_SECONDS = 60
    browser.get("/deals/")
    to_due(number)
    with CaptureQueriesContext(connection) as queries:
        assert "Deadlines 0 s behind" in browser.get("/deals/").content.decode()
    assert not [query for query in queries if "watch_at" in query["sql"]]
    later = freshness.time.monotonic() + 61
    monkeypatch.setattr(freshness.time, "monotonic", lambda: later)
    browser.get("/deals/")
    assert kinds(number).count("milestone.missed") == 2


def test_a_process_that_saw_something_due_looks_again(browser, number, settings, monkeypatch):
    settings.LOOK_EVERY_SECONDS = 60
    to_due(number)
    monkeypatch.setattr(deadlines.look, "__defaults__", (0,))
    browser.get("/deals/")
    monkeypatch.setattr(deadlines.look, "__defaults__", (200,))
    browser.get("/deals/")
    assert kinds(number).count("milestone.missed") == 2


def test_the_page_says_how_far_behind_it_is(browser, number, monkeypatch):
    to_due(number)
    monkeypatch.setattr(deadlines, "LOOKED_AT", 0)
    monkeypatch.setattr(deadlines.look, "__defaults__", (0,))
    page = browser.get(f"/deals/{ref_of(number)}/").content.decode()
    assert int(re.search(r"Deadlines (\d+) s behind", page)[1]) > 0
    monkeypatch.setattr(deadlines.look, "__defaults__", (200,))
    assert "Deadlines 0 s behind" in browser.get(f"/deals/{ref_of(number)}/").content.decode()


def test_readiness_names_what_waits(client, number):
    assert client.get("/readyz").json()["deadlines"] == "ok"
    to_due(number)
    assert client.get("/readyz").json()["deadlines"].startswith("the oldest due moment has waited ")
    deadlines.sweep()
    assert client.get("/readyz").json()["deadlines"] == "ok"


def test_the_demo_clock_makes_misses_appear(browser, number):
    """`clock advance 36h` and the next look: no worker is needed for the truth."""
    clock = deals.read_one(number).standings["delivery-plan-accepted"]
    move_clock(clock.due_at - clock_command.span("36h") / 2)
    browser.get("/")
    assert "milestone.missed" not in kinds(number)
    move_clock(clock.due_at + clock_command.span("36h") / 2)
    browser.get("/")
    assert "milestone.missed" in kinds(number)


def names(patterns):
    for one in patterns:
        yield from names(one.url_patterns) if hasattr(one, "url_patterns") else [one.name]


def test_every_route_that_looks_exists():
    assert freshness.LOOKS - set(names(get_resolver().url_patterns)) == set()
