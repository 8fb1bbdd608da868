"""The bridge as a page and by program: the same numbers, each step open to its deals."""

import re

import pytest
from django.test import Client

from ledger.rules import moments
from pipeline.commands import closing
from pipeline.queries import seats
from tests import walking
from tests.programs import Program


@pytest.fixture
def since(company):
    """One deal lost and one opened after it, one that stays."""
    number = walking.opened(company, amount="300.00")
    walking.opened(company, amount="1000.00")
    moment = seats.now()
    closing.lose(number, "price", by=company.by("rep"))
    walking.opened(company, amount="90.00")
    return moments.text(moment)


def look(company, path, name="cro", status=200):
    client = Client()
    client.force_login(company.person(name))
    response = client.get(path)
    assert response.status_code == status, response.content
    return " ".join(response.content.decode().split())


def test_the_page_adds_up_and_opens_its_deals(company, since):
    page = look(company, f"/bridge/?from={since}&period=all")
    for text in ("USD 1,300.00", "USD 1,090.00", "−USD 300.00", "+USD 90.00", "1 deal"):
        assert text in page
    assert "<svg" in page and "The same as a table" in page
    [lost] = set(re.findall(r'href="(/bridge/deals/\?[^"]*bucket=lost[^"]*)"', page))
    behind = look(company, lost.replace("&amp;", "&"))
    assert "−USD 300.00" in behind and "/ledger/" in behind
    [before, _after] = dict.fromkeys(re.findall(r'href="(/measures/pipeline/deals/\?[^"]*)"', page))
    assert "USD 1,300.00" in look(company, before.replace("&amp;", "&"))


def test_another_moment_takes_the_place_of_an_end_that_lies_after_it(company, since):
    page = look(company, f"/bridge/?from={since}&to={moments.text(seats.now())}&period=all")
    [earlier] = re.findall(r'href="([^"]*)" data-key="\["', page)
    assert "period=all" in earlier and "as_of=" in earlier and "to=" not in earlier and "from=" not in earlier


def test_a_program_reads_the_same(company, since):
    cfo = Program(company, "cfo")
    said = cfo.get(f"/bridge/?from={since}&by=cause").json()
    assert (said["opening"], said["closing"]) == ("1300.00", "1090.00")
    assert said["buckets"] == {"lost": "-300.00", "new": "90.00"} and said["gross_churn"] == "180.00"
    assert said["within"] == {"lost": {"other": "-300.00"}} and said["deals"] == {"lost": 1, "new": 1}
    assert said["rows"][0] == {"cause": "lost", "amount": "-300.00", "deals": 1}
    assert (said["receipt"]["value"], said["opening_receipt"]["value"]) == ("1090.00", "1300.00")
    assert (said["receipt"]["deals"], said["opening_receipt"]["deals"]) == (2, 2)
    for receipt in (said["receipt"], said["opening_receipt"]):
        verdict = Client().post("/api/v1/verifications/", {"receipt": receipt}, content_type="application/json")
        assert verdict.json()["at_its_moment"] == receipt["value"] and verdict.json()["verdict"].startswith("genuine")
    [lost] = cfo.get(f"/bridge/deals/?bucket=lost&from={since}").json()["results"]
    assert lost["amount"] == {"amount": "-300.00", "currency": "USD"} and lost["unit"] == "east"
    assert [row["unit"] for row in cfo.get(f"/bridge/?from={since}&by=unit").json()["rows"]] == ["east"]
    assert cfo.get(f"/bridge/?from={since}&by=function").json()["rows"][0]["function"] == "sales"


def test_a_bridge_of_the_past_is_what_it_was(company, since):
    cfo = Program(company, "cfo")
    said = cfo.get(f"/bridge/?from={since}").json()
    walking.opened(company, amount="5.00")
    for address in (f"/bridge/?from={since}&to={said['to']}", f"/bridge/?from={since}&as_of={said['to']}"):
        again = cfo.get(address).json()
        assert {name: again[name] for name in ("opening", "closing", "buckets", "gross_churn", "to")} == {
            name: said[name] for name in ("opening", "closing", "buckets", "gross_churn", "to")
        }


def test_another_region_sees_its_own_bridge(company, since):
    said = Program(company, "rep_west").get(f"/bridge/?from={since}").json()
    assert (said["opening"], said["closing"], said["buckets"]) == ("0.00", "0.00", {})
    assert "Nothing moved between these moments." in look(company, f"/bridge/?from={since}&period=all", "rep_west")
    look(company, "/bridge/?unit=east", "rep_west", 404)


@pytest.mark.parametrize(
    ("query", "code"),
    [("from=soon", "BRIDGE-1"), ("to=2999-01-01T00:00:00Z", "BRIDGE-3"), ("from=2999-01-01", "BRIDGE-2")],
)
def test_moments_that_make_no_bridge(company, query, code):
    answer = Program(company, "cfo").get(f"/bridge/?{query}", status=422).json()
    assert answer["errors"][0]["code"] == code
    assert "This bridge cannot be shown" in look(company, f"/bridge/?{query}", status=422)
