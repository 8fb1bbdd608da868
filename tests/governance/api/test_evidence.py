"""Evidence and the acts on a milestone, by programs."""

import os

import pytest

from governance.commands import evidence_store
from governance.models import EvidenceOpening
from governance.queries import milestones as rows
from pipeline.commands import advancing
from pipeline.queries.deals import number_of
from tests.programs import Program, codes, company_in, open_deal, slug

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def company(committed_db, settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path
    return company_in(committed_db.name)


@pytest.fixture
def ops(company):
    return Program(company, "ops")


@pytest.fixture
def milestone(company):
    ref = open_deal(company)
    assert advancing.advance(number_of(ref), "solution", by=company.by("rep")).passed
    rows_by_key = {row.key: row.id for row in rows.of_deal(number_of(ref))}
    return f"/milestones/{rows_by_key['delivery-plan-accepted']}/"


def test_a_file_there_and_back(company, ops, milestone):
    added = ops.upload(f"{milestone}evidence/", "Plan “B”.pdf", PDF).json()
    assert (added["kind"], added["size"], added["added_by"]["name"]) == ("file", len(PDF), "Ops")
    auditor = Program(company, "auditor")
    got = auditor.get(f"/evidence/{added['id']}/")
    assert b"".join(got.streaming_content) == PDF
    assert got["Content-Disposition"].startswith("attachment;")
    assert (got["X-Content-Type-Options"], got["Content-Type"]) == ("nosniff", "application/pdf")
    assert EvidenceOpening.objects.filter(evidence=added["id"], person=company.person("auditor")).count() == 1
    assert added["url"].startswith("/api/v1/evidence/")
    assert ops.get(milestone).json()["evidence"] == [added]


def test_a_file_that_was_altered_is_not_served(ops, milestone):
    added = ops.upload(f"{milestone}evidence/", "plan.pdf", PDF).json()
    path = evidence_store.path_of(added["sha256"])
    os.chmod(path, 0o644)
    path.write_bytes(PDF + b"more")
    assert slug(ops.get(f"/evidence/{added['id']}/", 409)) == "evidence-altered"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("plan.pdf", b"MZ\x90\x00", "EVIDENCE-4"),
        ("plan.txt", b"\x00\x01", "EVIDENCE-4"),
        ("plan.exe", b"MZ", "EVIDENCE-1"),
        ("plan", b"text", "EVIDENCE-1"),
        ("plan.pdf", b"", "EVIDENCE-2"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(ops, milestone, name, content, code):
    refused = ops.upload(f"{milestone}evidence/", name, content, 422)
    assert codes(refused) == [("/file", code)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"link": "https://example.com/a"}, 201),
        ({"reference": "DOC-7", "name": "Our file"}, 201),
        ({"number": "12.5"}, 201),
        ({"kind": "link", "value": "https://example.com/a"}, 201),
        ({"kind": "link"}, 422),
        ({"link": "javascript:alert(1)"}, 422),
        ({"link": "http://["}, 422),
        ({"number": "NaN"}, 422),
        ({"number": "twelve"}, 422),
        ({"link": "https://example.com", "number": "1"}, 422),
        ({"kind": "photo", "value": "x"}, 422),
        ({"colour": "red"}, 422),
        ({}, 422),
        ([], 422),
    ],
)
def test_evidence_that_is_no_file(ops, milestone, body, status):
    ops.post(f"{milestone}evidence/", body, status)


def test_the_same_upload_twice_is_one_piece(ops, milestone):
    first = ops.upload(f"{milestone}evidence/", "plan.pdf", PDF, Idempotency_Key=milestone)
    again = ops.upload(f"{milestone}evidence/", "plan.pdf", PDF, Idempotency_Key=milestone)
    assert first.json() == again.json()
    other = ops.upload(f"{milestone}evidence/", "plan.pdf", PDF + b" ", 422, Idempotency_Key=milestone)
    assert slug(other) == "idempotency-key-reused"


def test_whoever_prepared_does_not_verify(company, ops, milestone):
    ops.post(f"{milestone}starts/", {})
    assert codes(ops.post(f"{milestone}submissions/", {}, 422)) == [("/evidence", "EVIDENCE-10")]
    ops.post(f"{milestone}evidence/", {"link": "https://example.com/plan"})
    ops.post(f"{milestone}submissions/", {"note": "ready"})
    refused = ops.post(f"{milestone}verifications/", {"decision": "verified"}, 403)
    assert slug(refused) == "separation-of-duties"
    assert "Ops2" in refused.json()["detail"]
    second = Program(company, "ops2")
    assert codes(second.post(f"{milestone}verifications/", {"decision": "rejected"}, 422)) == [("/note", "MS-REJECT-1")]
    back = second.post(f"{milestone}verifications/", {"decision": "rejected", "note": "the date is missing"})
    assert back.json()["state"] == "rejected"
    ops.post(f"{milestone}submissions/", {})
    second.post(f"{milestone}verifications/", {"decision": "verified"})
    assert slug(second.post(f"{milestone}verifications/", {"decision": "verified"}, 409)) == "milestone-state"
    revoked = second.post(f"{milestone}revocations/", {"note": "the plan fell through"})
    assert revoked.json()["state"] == "revoked"


def test_what_waits_on_me(company, ops, milestone):
    second = Program(company, "ops2")
    ops.post(f"{milestone}evidence/", {"link": "https://example.com/plan"})
    ops.post(f"{milestone}submissions/", {})
    number = int(milestone.split("/")[2])

    def found(program, query):
        return number in [row["id"] for row in program.get(f"/milestones/?limit=200&{query}").json()["results"]]

    assert found(second, "mine=true&state=submitted&function=operations&unit=east")
    assert not found(ops, "mine=true&state=submitted")
    assert found(ops, "due_before=2099-01-01T00:00:00Z") and not found(ops, "due_before=2001-01-01T00:00:00Z")
    for query in ("state=done", "mine=perhaps", "deal=D-000001x", "due_before=soon", "after=x"):
        assert ops.get(f"/milestones/?{query}", None).status_code in (404, 422)
