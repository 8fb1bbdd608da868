"""Asking for a waiver, the second signature and approvals, in the browser's forms."""

from datetime import timedelta

import pytest
import yaml
from django.test import Client

from governance.queries import waivers
from pipeline.commands import policies
from pipeline.queries import deals, seats
from tests import company as companies
from tests import walking
from tests.pipeline.commands.test_approvals import APPROVAL
from tests.programs import Program


def browser(company, who):
    client = Client()
    client.force_login(company.person(who))
    return client


def text(response):
    return response.content.decode()


def asked(company, number, **more):
    said = {
        "requirement": "credit-approved", "reason": "evidence-late",
        "expires": (seats.now() + timedelta(days=7)).date().isoformat(),
        "compensating_step": "The CFO called the bank", **more,
    }  # fmt: skip
    return browser(company, "rep").post(f"/deals/{deals.ref_of(number)}/waivers/", said)


def test_a_waiver_is_asked_for_and_granted_by_forms(company):
    number = walking.solution(company)
    ref = deals.ref_of(number)
    page = text(browser(company, "rep").get(f"/deals/{ref}/waivers/"))
    assert "Nothing is waived on this deal." in page
    assert "attested" not in page, "a signature is not offered"
    assert 'value="credit-approved"' in page
    assert asked(company, number).status_code == 303
    assert 'value="credit-approved"' not in text(browser(company, "rep").get(f"/deals/{ref}/waivers/")), "asked once"
    seen = text(browser(company, "rep").get(f"/deals/{ref}/"))
    assert "Take the request back" in seen and "Waive it" not in seen
    other = browser(company, "ops")
    assert "Waive it" in text(other.get(f"/deals/{ref}/"))
    told = other.post(f"/deals/{ref}/waivers/credit-approved/decisions/", {"decision": "granted"}, follow=True)
    assert "Waived. It is owed until it is met." in text(told)
    assert waivers.open_of(f"deal/{number}", "credit-approved").state == "granted"


def test_faults_stand_beside_their_fields(company):
    number = walking.solution(company)
    answer = asked(company, number, expires="2020-01-01", compensating_step="")
    assert answer.status_code == 422
    assert "WAIVER-3" in text(answer) and "WAIVER-4" in text(answer)


def test_programs_read_debt_and_decide(company):
    number = walking.solution(company)
    ref = deals.ref_of(number)
    rep, ops = Program(company, "rep"), Program(company, "ops")
    body = {
        "requirement": "credit-approved", "reason": "evidence-late",
        "expires": (seats.now() + timedelta(days=7)).date().isoformat(), "compensating_step": "They pay before",
    }  # fmt: skip
    rep.post(f"/deals/{ref}/waivers/", body, If_Match="*")
    ops.post(f"/deals/{ref}/waivers/credit-approved/decisions/", {"decision": "granted"}, If_Match="*")
    walking.move_clock(seats.now() + timedelta(days=1, hours=12))
    (found,) = ops.get(f"/deals/{ref}/waivers/").json()["results"]
    assert (found["state"], found["debt"]) == ("granted", {"amount": "200000.00", "currency": "USD"})
    assert found["compensating_step"] == "They pay before"
    gate = ops.get(f"/deals/{ref}/gate/").json()
    assert {need["key"]: need["state"] for need in gate["requirements"]}["credit-approved"] == "waived"
    again = rep.post(f"/deals/{ref}/waivers/credit-approved/decisions/", {"decision": "granted"}, 409, If_Match="*")
    assert again.json()["type"].endswith("/waiver-not-asked")


@pytest.fixture
def careful(company):
    """The company under a policy that asks for an approval."""
    document = yaml.safe_load(companies.DEFAULT_POLICY.read_text())
    document["stages"][1]["gate"].append(APPROVAL)
    drafted = policies.draft(document, by=company.by("steward"))
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=company.by(short))
    return company


def test_an_executive_approves_from_the_gate(careful):
    number = walking.opened(careful)
    ref = deals.ref_of(number)
    assert "Approve<" not in text(browser(careful, "rep").get(f"/deals/{ref}/"))
    cro = browser(careful, "cro")
    assert f'action="/deals/{ref}/approvals/executive-approval/"' in text(cro.get(f"/deals/{ref}/"))
    told = cro.post(f"/deals/{ref}/approvals/executive-approval/", follow=True)
    assert "Approved, for the amount as it stands now." in text(told)
    assert walking.standing(number, "executive-approval").effect == "met"
