"""Rates by program and by file: published by finance once, each fault with its line, column, value and remedy."""

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction

from ledger.queries import entries
from pipeline.queries import rates, seats
from tests import walking
from tests.programs import Program
from tests.walking import view

FILE = (
    "currency,day,rate\n"
    "CHF,2026-01-01,1.20\n"
    "CHF,soon,1.20\n"
    "SEK,2026-01-01,none\n"
    "XXX,2026-01-01,1.20\n"
    "USD,2026-01-01,1\n"
    "JPY,2026-01-01,-1\n"
    "CHF,2026-01-01,1.20\n"
)


@pytest.fixture
def finance(company):
    return Program(company, "finance")


def posted(program, address, text, status=201, **more):
    response = program.client.post(
        f"/api/v1{address}", {"file": SimpleUploadedFile("rates.csv", text.encode()), **more},
        headers={"Authorization": f"Bearer {program.secret}"},
    )  # fmt: skip
    assert response.status_code == status, response.content
    return response.json()


def refusal(program, body, status):
    """A refused command rolls back to here."""
    with transaction.atomic():
        said = program.post("/rates/", body, status).json()
        transaction.set_rollback(True)
    return said


def test_a_rate_is_published_once_and_prices_what_waits_for_it(company, finance):
    number = walking.opened(company, amount="300000.00", currency="CHF")
    said = {"currency": "chf", "day": "2026-01-01", "rate": "1.20"}
    first = finance.post("/rates/", said, 201).json()
    assert first["currency"] == "CHF" and Decimal(first["rate"]) == Decimal("1.2") and first["to"] == "USD"
    assert view(number).value_minor == 360_000_00
    assert finance.post("/rates/", said, 200).json()["entry"] == first["entry"], "the same changes nothing"
    other = finance.post("/rates/", {**said, "rate": "1.25"}, 201).json()
    assert other["entry"] != first["entry"] and view(number).value_minor == 375_000_00
    assert [row["rate"] for row in finance.get("/rates/?currency=CHF").json()["results"]] == ["1.25"]
    refusal(Program(company, "rep"), said, 403)
    for wrong, code in (
        ({"currency": "USD"}, "RATE-2"), ({"rate": "x"}, "RATE-ROW-3"), ({"rate": "0"}, "RATE-1"),
        ({"day": ""}, "ASK-2"),
    ):  # fmt: skip
        assert code in [one["code"] for one in refusal(finance, {**said, **wrong}, 422)["errors"]]


def test_a_file_names_each_fault_and_changes_nothing_twice(company, finance):
    tried = posted(finance, "/rates/files/", FILE, dry_run="true")
    assert rates.on("CHF", date(2026, 2, 1)) is None, "nothing was written"
    said = posted(finance, "/rates/files/", FILE)
    assert (said["read"], said["accepted"], said["unchanged"], said["rejected"]) == (7, 1, 1, 5)
    assert tried["rejected"] == 5 and tried["faults"] == said["faults"]
    assert [(one["line"], one["column"], one["value"]) for one in said["faults"]] == [
        (3, "day", "soon"), (4, "rate", "none"), (5, "currency", "XXX"), (6, "currency", "USD"), (7, "rate", "-1"),
    ]  # fmt: skip
    assert all(one["remedy"] and one["code"] for one in said["faults"])
    assert posted(finance, "/rates/files/", FILE)["unchanged"] == 2
    assert len(entries.timeline("rate/CHF", limit=5)) == 1
    posted(Program(company, "rep"), "/rates/files/", FILE, 403)


@pytest.mark.parametrize(
    ("text", "code"), [("currency,day\nCHF,2026-01-01\n", "ROW-FILE-3"), ("\x00", "ROW-FILE-3"), ("", "ROW-FILE-3")]
)
def test_a_file_that_is_none_is_refused_whole(finance, text, code):
    said = posted(finance, "/rates/files/", text, 422)
    assert said["type"].endswith("/unreadable-file") and said["errors"][0]["code"] == code


def test_the_command_reads_the_same_file(company, tmp_path):
    file = tmp_path / "rates.csv"
    file.write_text(FILE)
    out, err = io.StringIO(), io.StringIO()
    call_command("import_rates", str(file), "--as", "finance@test.example", stdout=out, stderr=err)
    assert json.loads(out.getvalue()) == {"read": 7, "accepted": 1, "unchanged": 1, "rejected": 5}
    assert "line 3, day “soon”" in err.getvalue() and rates.on("CHF", seats.now().date()) == Decimal("1.2")


def test_a_file_of_billing_over_the_api(company, finance):
    number = walking.booked(company)
    ref, day = view(number).ref, seats.now().date()
    text = (
        "sort,number,deal,day,amount,currency\n"
        f"invoice,I-1,{ref},{day},60000.00,USD\n"
        f"invoice,I-2,{ref},soon,1.00,USD\n"
        f"collection,P-1,{ref},{day},60000.00,EUR\n"
        f"collection,P-2,{ref},{day},20000.00,USD\n"
    )
    assert posted(finance, "/billings/", text, dry_run="true")["accepted"] == 2
    said = posted(finance, "/billings/", text)
    assert (said["accepted"], said["rejected"]) == (2, 2)
    assert [(one["line"], one["column"], one["value"]) for one in said["faults"]] == [
        (3, "day", "soon"), (4, "currency", "EUR"),
    ]  # fmt: skip
    assert posted(finance, "/billings/", text)["unchanged"] == 2
    assert finance.get("/measures/billings/").json()["value"] == "60000.00"
    assert finance.get("/measures/collected/").json()["value"] == "20000.00"
    posted(Program(company, "rep"), "/billings/", text, 403)
