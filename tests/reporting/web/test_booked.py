"""Booked: the number, what is behind it, and the same page at an earlier moment."""

import re

from django.test import Client

from governance.commands import milestones
from tests import walking


def look(company, path, name="cro"):
    client = Client()
    client.force_login(company.person(name))
    response = client.get(path)
    return response.status_code, " ".join(response.content.decode().split())


def test_an_empty_period_says_how_many_are_near(company):
    number = walking.ready(company)
    walking.attested(company, number, "sales", "operations")
    _status, page = look(company, "/booked/")
    assert "Nothing is booked in this period yet. 1 deal is one requirement away." in page


def test_the_number_leads_to_deals_and_entries(company):
    number = walking.booked(company)
    _status, page = look(company, "/booked/")
    assert '<a class="figure" href="/booked/deals/?period=' in page and "USD 100,000.00" in page
    _status, behind = look(company, "/booked/deals/?period=all")
    assert f"/deals/D-{number:06d}/" in behind and "/ledger/" in behind and "USD 100,000.00" in behind


def test_a_deal_that_came_out_again_stands_behind_what_was_taken_out(company):
    kept, gone = walking.booked(company, amount="70000.00"), walking.booked(company)
    milestones.revoke(walking.milestone(gone, "capacity-confirmed"), "Sold twice", by=company.by("ops2"))
    _status, behind = look(company, "/booked/deals/?period=all")
    assert f"D-{kept:06d}" in behind and f"D-{gone:06d}" not in behind
    assert "Taken out in all: USD 100,000.00" in behind
    (address,) = re.findall(r'href="(/measures/de-booked/deals/[^"]*)"', behind)
    assert f"D-{gone:06d}" in look(company, address)[1]


def test_another_region_sees_its_own_number_only(company):
    walking.booked(company)
    _status, page = look(company, "/booked/", "rep_west")
    assert "USD 100,000.00" not in page and "USD 0.00" in page
    assert look(company, "/booked/deals/?unit=east", "rep_west")[0] == 404


def test_an_earlier_moment_knows_less_and_says_so(company):
    walking.booked(company)
    _status, page = look(company, "/booked/?as_of=2020-01-01T00:00:00Z")
    assert "As known on" in page and "USD 100,000.00" not in page


def test_a_period_that_is_none_says_what_to_write(company):
    status, page = look(company, "/booked/?period=soon")
    assert status == 422 and "Write 2026-11, 2026-Q4 or 2026." in page


def test_home_of_an_executive_begins_with_the_number(company):
    walking.booked(company)
    _status, page = look(company, "/")
    assert "Booked, " in page and "USD 100,000.00" in page
