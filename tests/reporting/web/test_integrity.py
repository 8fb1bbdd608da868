"""Integrity where people read it: beside the number, on its page, on the deal, in the file and in what verifies it."""

import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.commands import receipt_keys
from pipeline.commands import amending
from pipeline.queries import deals, integrity, seats
from reporting.commands.integrity import keeping, measuring
from reporting.commands.integrity.keeping import Measured
from tests import walking
from tests.databases import ROOT
from tests.programs import Program
from tests.walking import move_clock


@pytest.fixture
def booked(company, settings, tmp_path):
    """100,000 booked, whose milestones were missed since: its delivery is late and its collection too."""
    settings.RECEIPT_KEY_FILE = str(tmp_path / "secrets" / "receipt_key")
    number = walking.booked(company)
    measuring.catch_up()
    return number


@pytest.fixture
def poor(company, booked):
    """Years later: credit has run out, delivery, invoice and collection were never verified, and finance disagrees."""
    move_clock(walking.standing(booked, "credit-approved").valid_until)
    deal = deals.read([booked])
    found = integrity.of_deals(deal, seats.now(), unreconciled={booked})[booked]
    keeping.keep([Measured(deal[booked], found)], seats.now())
    return booked


def look(company, path, name="cro"):
    client = Client()
    client.force_login(company.person(name))
    response = client.get(path)
    return response.status_code, " ".join(response.content.decode().split())


def test_it_stands_beside_the_number(company, booked):
    found = Program(company, "cfo").get("/booked/").json()
    assert found["integrity"] == found["receipt"]["integrity"] == 100
    _status, page = look(company, "/booked/?period=all")
    assert 'href="/integrity/?period=all">Integrity 100</a>' in page and "Certified" in page
    assert Program(company, "rep_west").get("/booked/").json()["integrity"] is None


def test_what_takes_from_it_is_listed_with_the_reason(company, poor):
    found = Program(company, "cfo").get("/integrity/").json()
    assert found["booked"]["score"] < 80 and found["booked"]["certified"] is False
    assert found["booked"]["units"] == [{"unit": "east", "score": found["booked"]["score"], "weighed": "100000.00"}]
    (row,) = Program(company, "cfo").get("/integrity/deals/").json()["results"]
    assert row["deal"] == f"D-{poor:06d}"
    missing = {part["part"]: part["missing"] for part in row["parts"]}
    assert {"credit-approved", "delivered", "invoiced", "collected"} <= set(missing["milestones"])
    _status, page = look(company, "/integrity/")
    assert "Not certified" in page and f"/deals/D-{poor:06d}/" in page and "Collected" in page


def test_another_region_sees_nothing_of_it(company, poor):
    assert Program(company, "rep_west").get("/integrity/deals/").json()["results"] == []
    assert Program(company, "rep_west").get("/integrity/").json()["booked"]["score"] is None
    assert Program(company, "rep_west").send("GET", "/integrity/?unit=east").status_code == 404


def test_the_past_keeps_its_score(company, poor):
    early = walking.standing(poor, "contract-signed").at.isoformat().replace("+00:00", "Z")
    _status, page = look(company, "/integrity/?as_of=" + early)
    assert "Nothing to weigh" in page and "Go to now to see it" in page


def test_a_deal_says_what_is_missing(company, booked):
    other = walking.opened(company)
    amending.amend(other, {"need": ""}, by=company.by("rep"))
    _status, page = look(company, f"/deals/D-{other:06d}/", "rep")
    assert "Inputs complete, no placeholder: 3 of 4 (Need)" in page
    _status, page = look(company, f"/deals/D-{booked:06d}/", "rep")
    assert "Every fact that is owed by now is proven" in page


def test_a_file_of_a_poor_number_is_stamped_and_everybody_who_verifies_it_says_so(company, poor, tmp_path, capsys):
    cfo = Program(company, "cfo")
    data = cfo.send("POST", "/exports/", {"measure": "booked"}).content
    assert b"not certified,integrity" in data
    file = tmp_path / "booked.csv"
    file.write_bytes(data)
    call_command("verify_export", str(file))
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "genuine and current" and said[1].startswith("not certified: integrity ")
    receipt_keys.announce()
    key = Client().get("/api/v1/ledger/keys/").json()["results"][-1]["key"]
    words = [sys.executable, "-I", str(ROOT / "verify" / "verify_export.py"), str(file), "--key", key]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert told.startswith("genuine: booked 100000.00") and "not certified: integrity " in told
    with file.open("rb") as sent:
        answer = Client().post("/api/v1/verifications/", {"file": sent}).json()
    assert answer["verdict"] == "genuine and current" and answer["certified"] is False
    with file.open("rb") as sent:
        page = Client().post("/verify/", {"file": sent}).content.decode()
    assert "Not certified: too little of what is behind this number was proven" in page


def test_queries_do_not_grow_with_the_deals_that_lack(company):
    client = Client()
    client.force_login(company.person("cro"))
    counts = []
    for more in (1, 2):
        for _ in range(more):
            amending.amend(walking.opened(company), {"need": ""}, by=company.by("rep"))
        measuring.catch_up()
        client.get("/integrity/?total=pipeline")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/integrity/?total=pipeline").content.decode()
        counts.append((page.count("/deals/D-"), len(queries)))
    assert counts == [(1, counts[0][1]), (3, counts[0][1])]
