"""The browser's door to a verification: evidence is opened first, duties are separate, refusals name who can."""

import uuid
from pathlib import Path

import pytest
from django.test import Client

from governance.commands import erasures, milestones
from pipeline.queries import deals
from tests import walking

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def company(company, settings, tmp_path):
    settings.EVIDENCE_ROOT = Path(tmp_path)
    return company


@pytest.fixture
def submitted(company):
    """A milestone of operations with a file, waiting for verification."""
    number = walking.solution(company)
    row = walking.milestone(number, "delivery-plan-accepted")
    milestones.add_file(row, "plan.pdf", [PDF], len(PDF), PDF, by=company.by("ops"))
    milestones.submit(row, by=company.by("ops"))
    return number, row


def log_in(company, name):
    client = Client()
    client.force_login(company.person(name))
    return client


def test_verify_stays_shut_until_the_file_was_opened(company, submitted):
    number, row = submitted
    ops2 = log_in(company, "ops2")
    page = ops2.get(f"/queue/?milestone={row}").content.decode()
    assert "shut: open the evidence first: plan.pdf." in page
    refused = ops2.post(f"/milestones/{row}/verifications/?decision=verified", follow=True).content.decode()
    assert "Open it first: plan.pdf. [MS-OPEN-1]" in refused
    assert walking.kinds(number)[-1] == "milestone.submitted"
    piece = page.split('href="/evidence/')[1].split("/")[0]
    opened = ops2.get(f"/evidence/{piece}/")
    assert b"".join(opened.streaming_content) == PDF and "sandbox" in opened["Content-Security-Policy"]
    assert "Opened" in ops2.get(f"/queue/?milestone={row}").content.decode()
    for _at in range(2):
        ops2.post(f"/milestones/{row}/verifications/?decision=verified", {"request_id": "one-click"})
    assert walking.kinds(number)[-1] == "milestone.verified"
    assert walking.kinds(number).count("milestone.verified") == 1


def test_an_account_that_a_milestone_binds_is_told_by_its_name(company):
    ref = deals.ref_of(walking.commit(company))
    page = log_in(company, "ops").get(f"/deals/{ref}/milestones/contract-signed/").content.decode()
    bound = page.split("Facts bound")[1].split("</dl>")[0]
    assert "Northwind" in bound and f"<dd>{company.account.pk}<" not in bound


def test_own_work_is_shut_with_the_reason_and_who_can(company, submitted):
    _number, row = submitted
    page = log_in(company, "ops").get(f"/queue/?milestone={row}&tab=team").content.decode()
    assert "You uploaded this evidence, so another person verifies it." in page
    assert "Ops2 and Coo can. [SOD-3]" in page


def test_a_rejection_needs_its_reason(company, submitted):
    number, row = submitted
    ops2 = log_in(company, "ops2")
    path = f"/milestones/{row}/verifications/"
    assert "Say what is missing" in ops2.post(path, {"decision": "rejected"}, follow=True).content.decode()
    ops2.post(path, {"decision": "rejected", "note": "Page two is missing"})
    assert walking.kinds(number)[-1] == "milestone.rejected"


def test_a_changed_file_is_not_shown(company, submitted, settings):
    _number, row = submitted
    file = next(path for path in Path(settings.EVIDENCE_ROOT).rglob("*") if path.is_file())
    file.chmod(0o644)
    file.write_bytes(b"%PDF-1.4 something else")
    ops2 = log_in(company, "ops2")
    piece = ops2.get(f"/queue/?milestone={row}").content.decode().split('href="/evidence/')[1].split("/")[0]
    answer = ops2.get(f"/evidence/{piece}/")
    assert answer.status_code == 409 and "EVIDENCE-12" in answer.content.decode()


def test_evidence_of_a_foreign_unit_does_not_exist(company, submitted):
    ops2, west = log_in(company, "ops2"), log_in(company, "ops_west")
    piece = ops2.get(f"/queue/?milestone={submitted[1]}").content.decode().split('href="/evidence/')[1].split("/")[0]
    assert west.get(f"/evidence/{piece}/").status_code == 404
    assert west.get(f"/queue/?milestone={submitted[1]}").status_code == 404


def test_attesting_other_terms_than_todays_is_refused(company):
    number = walking.ready(company)
    ref = deals.ref_of(number)
    finance = log_in(company, "finance")
    page = finance.post(f"/deals/{ref}/attestations/", {"function": "finance", "terms": "0" * 64}, follow=True)
    assert "You signed under other terms" in page.content.decode()
    form = {"function": "finance", "terms": walking.view(number).terms, "request_id": str(uuid.uuid4())}
    for _at in range(2):
        assert finance.post(f"/deals/{ref}/attestations/", form).status_code == 303
    assert walking.kinds(number).count("attestation.given") == 1


def test_a_deal_as_of_an_earlier_moment_has_no_action(company, submitted):
    number, _row = submitted
    ref = deals.ref_of(number)
    moment = walking.view(number).stage_entered_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    page = log_in(company, "rep").get(f"/deals/{ref}/?as_of={moment}").content.decode()
    assert "As known on" in page and "Submitted for verification" not in page
    for act in ("/advances/", "/attestations/", "/facts/", "/lose/"):
        assert act not in page, act


def test_an_erased_file_is_told_and_cannot_be_opened(company, submitted):
    _number, row = submitted
    ops2 = log_in(company, "ops2")
    piece = ops2.get(f"/queue/?milestone={row}").content.decode().split('href="/evidence/')[1].split("/")[0]
    name = erasures.request([f"evidence/{piece}"], [], "entered-by-mistake", by=company.by("admin"))
    assert erasures.carry_out(name, by=company.by("steward")).evidence == 1
    page = ops2.get(f"/queue/?milestone={row}").content.decode()
    assert "Erased evidence" in page and "Personal data, erased" in page and f'href="/evidence/{piece}/' not in page
    answer = ops2.get(f"/evidence/{piece}/")
    assert answer.status_code == 410 and "EVIDENCE-13" in answer.content.decode()
    # Nobody has to open first what nobody can open any more.
    assert "open the evidence first" not in page
