"""What becomes of a receipt: genuine and current, superseded, altered, not ours. Asked by anybody, without log-in."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from governance.commands import milestones
from ledger.commands import receipt_keys
from ledger.notify import receipt_key
from ledger.queries import keys
from ledger.rules.checkpoint import Signer
from reporting.rules import receipt
from tests import walking
from tests.databases import ROOT
from tests.programs import Program


@pytest.fixture
def company(company, settings, tmp_path):
    settings.RECEIPT_KEY_FILE = str(tmp_path / "secrets" / "receipt_key")
    return company


@pytest.fixture
def booked(company):
    return walking.booked(company)


@pytest.fixture
def cfo(company):
    return Program(company, "cfo")


def ask(given, status=200):
    response = Client().post("/api/v1/verifications/", {"receipt": given}, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def send(data, name="booked.csv"):
    response = Client().post("/api/v1/verifications/", {"file": SimpleUploadedFile(name, data)})
    assert response.status_code == 200, response.content
    return response.json()


def unbook(company, number):
    row = walking.milestone(number, "capacity-confirmed")
    milestones.revoke(row, "The line is sold twice", by=company.by("ops2"))


def test_genuine_and_current_then_superseded(company, booked, cfo):
    said = cfo.get("/booked/").json()["receipt"]
    assert said["value"] == "100000.00" and said["deals"] == 1 and said["measure"] == "booked"
    assert said["scope"] == {"period": None, "units": None} and said["ledger_position"] > 0
    found = ask(said)
    assert (found["verdict"], found["now"]["value"]) == ("genuine and current", "100000.00")
    assert found["at_its_moment"] == "100000.00" and found["in_tree"] is None
    unbook(company, booked)
    found = ask(said)
    assert (found["verdict"], found["now"]["value"], found["at_its_moment"]) == (
        "genuine, superseded", "0.00", "100000.00",
    )  # fmt: skip


def test_a_receipt_of_the_past_says_the_past(company, booked, cfo):
    moment = cfo.get("/booked/").json()["as_of"]
    unbook(company, booked)
    said = cfo.get(f"/booked/?as_of={moment}").json()["receipt"]
    assert (said["value"], said["as_of"], said["deals"]) == ("100000.00", moment, 1)
    assert ask(said)["verdict"] == "genuine, superseded"
    assert cfo.get("/booked/").json()["receipt"]["deals"] == 0


def test_a_changed_receipt_is_altered_and_learns_nothing(company, booked, cfo):
    said = cfo.get("/booked/").json()["receipt"]
    for change in ({"value": "9.00"}, {"scope": {"period": "2020", "units": ["west"]}}):
        found = ask({**said, **change})
        assert found["verdict"] == "altered"
        assert found["now"] is None and found["at_its_moment"] is None


@pytest.mark.parametrize("given", [{}, {"v": 1}, {"receipt": 1}, "x", "{}"])
def test_what_is_no_receipt_is_not_ours(company, given):
    if given:
        assert ask(given)["verdict"] == "not ours"


def test_a_receipt_under_another_key_is_not_ours(company, booked, cfo):
    said = cfo.get("/booked/").json()["receipt"]
    forged = receipt.signed(receipt.read(said).claim, Signer.from_seed(receipt_key.name(), bytes(32)))
    assert ask(forged)["verdict"] == "not ours"


@pytest.mark.parametrize("body", [{"receipt": 7}, {"receipt": [1]}, {}, {"file": "x"}])
def test_another_body_says_what_to_send(company, body):
    response = Client().post("/api/v1/verifications/", body, content_type="application/json")
    assert response.status_code == 422 and response["Content-Type"] == "application/problem+json"


def exported(program, form="csv", **more):
    return program.post("/exports/", {"measure": "booked", "format": form, **more}, 200).content


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_is_genuine_until_somebody_touches_it(company, booked, cfo, form):
    data = exported(cfo, form)
    found = send(data, f"booked.{form}")
    assert (found["verdict"], found["difference"]) == ("genuine and current", None)
    unbook(company, booked)
    assert send(data)["verdict"] == "genuine, superseded"


def test_the_first_differing_row_is_named_with_what_was_signed(company, booked, cfo):
    rows = list(csv.reader(io.StringIO(exported(cfo).decode("utf-8-sig"), newline="")))
    assert rows[0][:3] == ["unit", "period", "value"] and rows[1][2] == "100000.00"
    rows[1][2] = "900000.00"
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    found = send(out.getvalue().encode())
    assert found["verdict"] == "altered"
    assert found["difference"]["row"] == 1
    assert found["difference"]["found"][2] == "900000.00" and found["difference"]["expected"][2] == "100000.00"


def test_another_region_certifies_its_own_number(company, booked):
    said = Program(company, "rep_west").get("/booked/").json()["receipt"]
    assert (said["value"], said["scope"]["units"]) == ("0.00", ["west"])
    assert ask(said)["verdict"] == "genuine and current"
    Program(company, "rep_west").post("/exports/", {"measure": "booked", "unit": "east"}, 404)


def test_keys_overlap_and_a_retired_one_needs_the_record_to_agree(company, booked, cfo):
    receipt_keys.announce()
    old = cfo.get("/booked/").json()["receipt"]
    thief = receipt_key.signers()[0]
    receipt_keys.rotate()
    new = cfo.get("/booked/").json()["receipt"]
    assert new["key"] != old["key"]
    assert ask(old)["verdict"] == ask(new)["verdict"] == "genuine and current"
    receipt_keys.retire()
    assert ask(old)["verdict"] == "genuine and current"
    lie = receipt.signed(replace(receipt.read(old).claim, value="900000.00"), thief)
    assert ask(lie)["verdict"] == "not ours" and ask(lie)["now"] is None
    assert [one.retired_at is not None for one in keys.history(keys.RECEIPTS)] == [True, False]


def test_a_lost_key_is_replaced_and_what_it_signed_still_verifies(company, booked, cfo):
    receipt_keys.announce()
    old = cfo.get("/booked/").json()["receipt"]
    receipt_key.file().unlink()
    assert cfo.get("/booked/").json()["receipt"]["key"] != old["key"]
    receipt_keys.announce()
    assert ask(old)["verdict"] == "genuine and current"
    unbook(company, booked)
    assert ask(old)["verdict"] == "genuine, superseded"


def test_the_command_says_the_same(company, booked, cfo, tmp_path, capsys):
    file = tmp_path / "booked.xlsx"
    file.write_bytes(exported(cfo, "xlsx"))
    call_command("verify_export", str(file))
    assert capsys.readouterr().out == "genuine and current\n"
    unbook(company, booked)
    call_command("verify_export", str(file))
    assert capsys.readouterr().out == "genuine, superseded (now 0.00)\n"
    (tmp_path / "x.csv").write_bytes(exported(cfo).replace(b"100000.00", b"1.00"))
    with pytest.raises(SystemExit):
        call_command("verify_export", str(tmp_path / "x.csv"))
    assert capsys.readouterr().out.startswith("altered\n")


def stranger(file, *given):
    words = [sys.executable, "-I", str(ROOT / "verify" / "verify_export.py"), str(file)]
    words += [word for key in given for word in ("--key", key)]
    done = subprocess.run(
        words, capture_output=True, text=True, cwd="/", env={"PATH": "/usr/bin", "LANG": "tr_TR.UTF-8"}
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()[0]


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_stranger_needs_neither_server_nor_database(company, booked, cfo, tmp_path, form):
    receipt_keys.announce()
    key = Client().get("/api/v1/ledger/keys/").json()["results"][-1]
    assert key["purpose"] == "receipts" and key["retired_at"] is None
    said = cfo.get("/booked/").json()["receipt"]
    data = json.dumps(said, indent=2).encode() if form == "json" else exported(cfo, form)
    file = tmp_path / f"booked.{form}"
    file.write_bytes(data)
    code, line = stranger(file, key["key"])
    assert code == 0 and line.startswith("genuine: booked 100000.00 USD, as of ")
    other = Signer.from_seed("crm-ledger/receipts", bytes(32)).key.text()
    assert stranger(file, other)[1].startswith("not ours: signed by ")
    if form != "xlsx":
        file.write_bytes(data.replace(b"100000.00", b"100001.00", 1))
        code, line = stranger(file, key["key"])
        assert code == 1 and line.startswith("altered: ")
        assert form == "json" or line.startswith("altered: row 1 is the first that differs")


def test_queries_do_not_grow_with_the_number_of_deals(company, cfo, django_assert_max_num_queries):
    for numbers in (1, 3):
        for _ in range(numbers):
            walking.booked(company)
        with django_assert_max_num_queries(14):
            cfo.get("/booked/")
