"""POST /imports/ judges and brings in; GET /imports/{id}/ tells what became of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from pipeline.models import Deal
from tests.pipeline import importing
from tests.pipeline.importing import ENGAGING, WON

pytestmark = pytest.mark.urls("tests.pipeline.import_urls")
URL = "/api/v1/imports/"


@pytest.fixture
def company(company, settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path / "evidence"
    return company


@pytest.fixture
def program(company):
    client = APIClient()
    client.force_authenticate(company.person("cro"))
    return client


def send(program, *rows, headers=None, **more):
    extra = {name: more.pop(name) for name in ("dry_run", "other") if name in more}
    given = importing.files(*rows, **more)
    names = {"file": given.deals, "accounts": given.accounts, "products": given.products, "teams": given.teams}
    body = {name: SimpleUploadedFile(one.name, one.data) for name, one in names.items()}
    if given.map:
        body["map"] = SimpleUploadedFile("map.yaml", given.map.data)
    return program.post(URL, body | extra, format="multipart", headers=headers or {})


def test_dry_run_then_import(program):
    row = WON.replace("GTX Pro", "GTXPro")
    tried = send(program, row, ENGAGING, dry_run="true")
    assert tried.status_code == 201, tried.data
    assert tried.data["dry_run"] and not Deal.objects.exists()
    done = send(program, row, ENGAGING)
    assert tried.data["counts"] == done.data["counts"]
    assert done.data["counts"] == {"read": 2, "accepted": 1, "unverified": 1, "rejected": 0, "unchanged": 0}
    assert done.data["faults"] == tried.data["faults"] and done.data["suggested_map"]["product"] == {
        "GTXPro": "GTX Pro"
    }
    assert set(done.data["faults"][0]) >= {"line", "column", "value", "code", "what", "remedy", "suggestion", "outcome"}
    found = program.get(done.headers["Location"])
    assert found.status_code == 200 and found.data == done.data
    mapped = send(program, row, ENGAGING, map="product: {GTXPro: GTX Pro}")
    assert mapped.data["counts"] == {"read": 2, "accepted": 0, "unverified": 1, "rejected": 0, "unchanged": 1}


def test_lists_newest_first_by_cursor(program):
    ids = [send(program, WON, dry_run="true").data["id"] for _ in range(3)]
    first = program.get(f"{URL}?limit=2").data
    assert [one["id"] for one in first["results"]] == ids[:0:-1]
    assert [one["id"] for one in program.get(first["next"]).data["results"]] == ids[:1]


def test_refusals(program, company):
    answer = send(program, WON, data=b"%PDF-1.7")
    assert answer.status_code == 422 and answer.data["type"].endswith("/unreadable-file")
    assert answer.data["errors"][0]["code"] == "IMPORT-FILE-4"
    assert program.post(URL, {}, format="multipart").status_code == 422
    assert program.post(URL, {}, format="json").status_code == 415
    assert send(program, WON, dry_run="perhaps").status_code == 422
    assert send(program, WON, other="x").status_code == 422
    assert program.get(f"{URL}999/").status_code == 404
    mine = send(program, WON).data["id"]
    program.force_authenticate(company.person("manager"))
    assert program.get(f"{URL}{mine}/").status_code == 404
    program.force_authenticate(company.person("rep"))
    assert send(program, WON).status_code == 403 and program.get(URL).status_code == 403


def test_the_same_key_imports_once(program):
    first, second = (send(program, WON, headers={"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201) and first.data["id"] == second.data["id"]
    assert send(program, ENGAGING, headers={"Idempotency-Key": "k-1"}).status_code == 422
