"""What stands around the booked number: its parts, two moments side by side, and a figure when nothing answers."""

import re

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.commands import milestones
from ledger.rules import moments
from pipeline.queries import seats
from reporting.queries import booked_measures
from reporting.rules import periods
from reporting.web import remembered
from tests import walking
from tests.programs import Program


@pytest.fixture
def company(company):
    remembered._known.clear()
    return company


def look(company, path, name="cro", status=200, **headers):
    client = Client()
    client.force_login(company.person(name))
    response = client.get(path, headers=headers)
    assert response.status_code == status, response.content
    return " ".join(response.content.decode().split())


PARTS = {"money": ("beside", "why"), "work": ("capacity", "waiting", "behind")}


def test_the_number_comes_first_and_asks_for_its_parts(company):
    walking.booked(company)
    page = look(company, "/booked/")
    asked_for = re.findall(r'hx-get="(/booked/parts/[a-z]+/\?[^"]*)" hx-trigger="load, refresh"', page)
    assert [address.split("/")[3] for address in asked_for] == list(PARTS)
    for address, asides in zip(asked_for, PARTS.values(), strict=True):
        part = look(company, address.replace("&amp;", "&"), HX_Request="true")
        assert 'hx-trigger="refresh"' in part and "<html" not in part
        assert re.findall(r'<section class="[^"]*" id="booked-([a-z]+)"', part) == list(asides)


@pytest.mark.parametrize("past", [False, True])
def test_a_link_in_the_place_of_each_part_leads_to_a_page_of_it(company, past):
    walking.booked(company)
    at = f"&as_of={moments.text(seats.now())}" if past else ""
    page = look(company, f"/booked/?period=all{at}")
    links = re.findall(r'<a href="(/booked/parts/[a-z]+/\?[^"]*)">Show<', page)
    assert len(links) == len(PARTS)
    for link, asides in zip(links, PARTS.values(), strict=True):
        assert ("as_of=" in link) is past
        own = look(company, link.replace("&amp;", "&"))
        assert own.count("<html") == 1 and "Back to the number" in own and ("As known on" in own) is past
        assert re.findall(r'<section class="[^"]*" id="booked-([a-z]+)"', own) == list(asides)
        assert "load, refresh" not in own


def test_the_number_comes_with_few_questions(company):
    """What stands around it is not asked for, and each of its own facts is asked once."""
    walking.booked(company)
    client = Client()
    client.force_login(company.person("cro"))
    client.get("/booked/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/booked/")
    sent = [one["sql"] for one in asked]
    assert len(sent) == len(set(sent)) <= 13, sent


def test_without_javascript_everything_is_in_one_page(company):
    walking.booked(company)
    walking.submitted(company, walking.solution(company), "credit-approved", "finance")
    page = look(company, "/booked/")
    [address] = re.findall(r'<noscript><p><a class="button" href="([^"]*)"', page)
    whole = look(company, f"/booked/{address.replace('&amp;', '&')}")
    assert "load, refresh" not in whole and "<noscript>" not in whole
    for text in ("Fulfilled", "Backlog", "Why the pipeline moved", "Utilisation by unit and month", "1 deal", "New"):
        assert text in whole
    assert '<progress max="100" value="100" aria-label="Finance">' in whole


def test_each_number_leads_to_its_deals_and_they_to_their_entries(company):
    """Two clicks from every number to an entry, now and at a moment of the past."""
    number = walking.booked(company)
    walking.submitted(company, walking.solution(company), "credit-approved", "finance")
    moment = moments.text(seats.now())
    for at in ("", f"&as_of={moment}"):
        page = look(company, f"/booked/?whole=1{at}")
        links = re.findall(r'href="(/(?:measures/[a-z-]+|bridge|booked)/deals/\?[^"]*)"', page)
        assert len(set(links)) >= 8
        for link in set(links):
            behind = look(company, link.replace("&amp;", "&"))
            if "No deal stands" not in behind:
                assert re.search(r'href="/ledger/\d+/', behind), link
    assert f"D-{number:06d}" in page


def test_as_reported_and_as_now_known(company):
    number = walking.booked(company)
    moment = moments.text(seats.now())
    milestones.revoke(walking.milestone(number, "capacity-confirmed"), "Sold twice", by=company.by("ops2"))
    page = look(company, f"/booked/?compare={moment}")
    row = re.search(r"<th scope=\"row\">Booked</th>(.*?)</tr>", page)[1]
    assert "USD 100,000.00" in row and "USD 0.00" in row and "−USD 100,000.00" in row
    assert 'data-key="c"' in page and "Do not compare" in page
    then = re.search(r'href="(/measures/booked/deals/[^"]*as_of[^"]*)"', row)[1].replace("&amp;", "&")
    assert f"D-{number:06d}" in look(company, then)
    assert "Nothing is known of" in look(company, "/booked/?compare=2999-01-01T00:00:00Z", status=422)


def test_the_keys_of_the_page(company):
    page = look(company, "/booked/?period=2026-Q4&as_of=2026-01-01T00:00:00Z", status=200)
    for key in ("[", "]", "n", "{", "}", "c"):
        assert f'data-key="{key}"' in page
    assert "period=2026-Q3" in page and "period=2027-Q1" in page


def test_a_stale_figure_says_its_age_and_is_never_blank(company, monkeypatch):
    walking.booked(company)
    assert "USD 100,000.00" in look(company, "/booked/")

    def cut_off(asked):
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr(booked_measures, "read", cut_off)
    page = look(company, "/booked/")
    assert "The record does not answer just now. This is the figure of" in page and "USD 100,000.00" in page
    with pytest.raises(OperationalError):
        look(company, "/booked/?period=2020")


def test_the_number_alone_is_what_a_live_page_asks_for(company):
    part = look(company, "/booked/", HX_Request="true")
    assert part.startswith('<div id="booked-number"') and "<html" not in part


def test_a_part_that_is_none(company):
    look(company, "/booked/parts/weather/", status=404)


def test_the_plan_and_how_far_below_it(company):
    """Left out whole where nobody has set one."""
    walking.booked(company)
    period = periods.quarter_of(seats.now().date()).name
    assert "<dt>Plan</dt>" not in look(company, f"/booked/?period={period}")
    plan = {"purpose": "plan", "measure": "booked", "goal": "400000.00", "period": period}
    Program(company, "cfo").post("/targets/", plan)
    page = look(company, f"/booked/?period={period}")
    assert "<dt>Plan</dt>" in page and "USD 400,000.00" in page and "▼ USD 300,000.00 below" in page
    assert "<dt>Plan</dt>" not in look(company, "/booked/?period=all")
