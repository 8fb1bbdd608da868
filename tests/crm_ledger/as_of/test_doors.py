"""The doors of the past: what they take and refuse, who sees what, links that stay, and that nothing is written."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.queries import moment
from ledger.rules import moments
from pipeline.commands import amending, closing
from pipeline.queries import deals, listing, seats
from pipeline.queries.deals import ref_of
from tests import walking
from tests.crm_ledger.as_of import shown
from tests.programs import Program, codes

READS = ["/deals/", "/deals/{ref}/", "/deals/{ref}/gate/", "/deals/{ref}/timeline/", "/milestones/", "/booked/",
         "/booked/deals/"]  # fmt: skip


WORDS = {
    "ASOF-1": "“soon” is not a moment. Write it as 2026-11-30T17:00:00Z.",
    "ASOF-2": "Nothing is known of 2099-01-01T00:00:00Z yet: now is 20",
    "ASOF-3": "This page shows the present only. Leave out as_of.",
}


@pytest.fixture
def deal(company):
    return walking.booked(company)


@pytest.mark.parametrize("read", READS)
def test_a_bad_moment_and_one_to_come_are_refused_precisely(company, deal, read):
    program, address = Program(company, "cro"), read.format(ref=ref_of(deal))
    assert codes(program.get(f"{address}?as_of=yesterday", 422)) == [("/as_of", "ASOF-1")]
    assert codes(program.get(f"{address}?as_of=2099-01-01T00:00:00Z", 422)) == [("/as_of", "ASOF-2")]
    program.get(f"{address}?as_of={moments.text(seats.now())}")


def test_a_read_without_a_past_and_an_act_refuse_the_moment(company, deal):
    program, now = Program(company, "rep"), moments.text(seats.now())
    assert codes(program.get(f"/accounts/?as_of={now}", 422)) == [("/as_of", "ASK-1")]
    refused = program.send("POST", f"/deals/?as_of={now}", {"title": "Late"}, status=422)
    assert codes(refused) == [("/as_of", "ASOF-4")]
    program.send("PUT", f"/booked/?as_of={now}", status=405)


def test_before_the_record_nothing_is_known(company, deal):
    program = Program(company, "cro")
    assert program.get("/deals/?as_of=2000-01-01T00:00:00Z").json()["results"] == []
    assert program.get("/booked/?as_of=2000-01-01T00:00:00Z").json()["value"] == "0.00"
    program.get(f"/deals/{ref_of(deal)}/?as_of=2000-01-01T00:00:00Z", 404)


def test_who_sees_a_deal_is_decided_by_where_it_is_today(company):
    number = walking.opened(company)
    then = moments.text(seats.now())
    closing.assign(number, company.seats["rep_west"], by=company.by("manager"))
    east, west = Program(company, "rep"), Program(company, "rep_west")
    for program, status in ((east, 404), (west, 200)):
        for read in ("", "gate/", "timeline/"):
            program.get(f"/deals/{ref_of(number)}/{read}?as_of={then}", status)
    assert east.get(f"/deals/?as_of={then}").json()["results"] == []
    [listed] = west.get(f"/deals/?as_of={then}").json()["results"]
    assert listed["unit"] == "east"
    assert (
        ref_of(number) in shown.logged_in(company, "rep_west").get(f"/board/?owner=any&as_of={then}").content.decode()
    )
    assert ref_of(number) not in shown.logged_in(company, "rep").get(f"/board/?as_of={then}").content.decode()


def test_a_page_in_the_past_hides_every_act_and_says_the_moment(company, deal):
    number = walking.solution(company)
    walking.submitted(company, number, "credit-approved", "finance")
    then = moments.text(seats.now())
    for who, page in (("rep", f"/deals/{ref_of(number)}/"), ("finance2", "/queue/"), ("manager", "/board/"),
                      ("rep", "/deals/"), ("finance2", f"/deals/{ref_of(number)}/milestones/credit-approved/"),
                      ("cro", "/policy/"), ("cro", "/booked/")):  # fmt: skip
        client = shown.logged_in(company, who)
        main = client.get(f"{page}?as_of={then}").content.decode().split("<main", 1)[1].split("</main>", 1)[0]
        assert 'method="post"' not in main, page
        assert "/deals/new/" not in main and "/facts/" not in main, page
        assert "As known on" in main and "Actions are hidden." in main and f'href="{page}" data-now' in main, page
        now = client.get(page).content.decode()
        assert "As known on" not in now and 'type="datetime-local"' in now, page


def test_links_and_filters_stay_at_the_moment(company, deal):
    then = moments.text(seats.now())
    asked = f"as_of={then.replace(':', '%3A')}"
    page = shown.logged_in(company, "cro").get(f"/board/?owner=any&as_of={then}").content.decode()
    assert f'href="/deals/{ref_of(deal)}/?{asked}"' in page
    assert f'href="/queue/?{asked}"' in page and f'<input type="hidden" name="as_of" value="{then}">' in page
    assert 'href="/"' in page and 'href="/board/?owner=any" data-now' in page


def test_what_a_form_sends_leads_to_the_one_address(company):
    client = shown.logged_in(company, "cro")
    said = client.get("/board/?owner=any&as_of=2026-01-31T17:00")
    assert (said.status_code, said["Location"]) == (302, "/board/?owner=any&as_of=2026-01-31T17%3A00%3A00Z")
    assert client.get("/board/?as_of=").status_code == 200


def test_a_page_refuses_what_is_no_moment(company):
    client = shown.logged_in(company, "cro")
    for page, code in (("/board/?as_of=soon", "ASOF-1"), ("/board/?as_of=2099-01-01T00:00:00Z", "ASOF-2"),
                       ("/me/?as_of=2026-01-01T00:00:00Z", "ASOF-3")):  # fmt: skip
        response = client.get(page)
        said = response.content.decode()
        assert response.status_code == 422 and WORDS[code] in said, page
    response = client.post("/board/?as_of=2026-01-01T00:00:00Z")
    assert response.status_code == 405


def test_nothing_is_written_in_the_past(company, deal):
    with pytest.raises(DatabaseError, match="read-only"), transaction.atomic(), moment.known_at(seats.now()):
        connection.cursor().execute("UPDATE pipeline_deal SET title = 'x'")
    assert moment.past() is None


def test_now_is_now_again_afterwards(company, deal):
    then = seats.now()
    amending.amend(deal, {"amount": "200000.00"}, by=company.by("rep"))
    with moment.known_at(then):
        assert seats.now() == then and deals.read_one(deal).view.amount_minor == 100_000_00
    assert seats.now() > then and deals.read_one(deal).view.amount_minor == 200_000_00
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert "ledger_past" not in cursor.fetchone()[0]


def test_as_many_queries_as_now_and_four_more(company, deal):
    held = seats.of_person(company.person("cro").pk)
    with CaptureQueriesContext(connection) as now:
        listing.deals(held)
    with CaptureQueriesContext(connection) as then, moment.known_at(seats.now() - timedelta(seconds=1)):
        listing.deals(held)
    savepoints = sum("SAVEPOINT" in query["sql"] for query in then)
    assert len(then) - savepoints == len(now) + 4
