"""Separation of duties, by the commands with a sentence and by the database with a name.

Seen to fail: each refusal of the database, with its check taken out of governance/migrations/sql/separation.sql or
of `ledger_move_standing`.
"""

import pytest
from django.db import transaction

from governance.commands import attestations, milestones
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from pipeline.commands import amending, closing, organisation
from pipeline.queries import deals
from tests import walking
from tests.company import SETUP
from tests.forging import refused, write
from tests.walking import view

ELSE = "verification_is_by_somebody_else"


def decide(company, number, key, who, kind="milestone.verified", on_behalf=None, **said):
    body = {"key": key, "requirement": "milestone", "facts": {}} | said
    write(f"deal/{number}", kind, body, actor=company.people[who].pk, on_behalf=on_behalf)


@pytest.fixture
def number(company):
    return walking.solution(company)


@pytest.fixture
def credit(company, number):
    """Credit, submitted by finance; finance2 and cfo could verify it."""
    walking.submitted(company, number, "credit-approved", "finance")
    return number


def test_another_person_verifies(company, credit):
    decide(company, credit, "credit-approved", "finance2")
    assert deals.read_one(credit).standings["credit-approved"].status == "verified"


@pytest.mark.parametrize("kind", ["milestone.verified", "milestone.rejected"])
def test_neither_preparer_nor_stranger(company, credit, kind):
    with refused(ELSE):
        decide(company, credit, "credit-approved", "finance", kind)
    with refused("who_verifies_holds_the_function"):
        decide(company, credit, "credit-approved", "ops2", kind)
    with refused(ELSE):
        decide(company, credit, "credit-approved", "rep", kind)


def test_not_the_uploader(company, number):
    row = walking.milestone(number, "credit-approved")
    milestones.add_value(row, "reference", "the balance sheet", by=company.by("finance2"))
    milestones.submit(row, by=company.by("finance"))
    with refused(ELSE):
        decide(company, number, "credit-approved", "finance2")
    with pytest.raises(Problem, match="SOD-3"), transaction.atomic():
        milestones.verify(row, by=company.by("finance2"))
    decide(company, number, "credit-approved", "cfo")


def test_not_the_owner_even_with_the_function(company, number):
    organisation.fill_seat(company.people["rep"].pk, "finance", None, "lead", by=SETUP)
    row = walking.submitted(company, number, "credit-approved", "finance")
    with refused(ELSE):
        decide(company, number, "credit-approved", "rep")
    with pytest.raises(Problem, match="SOD-5"):
        milestones.verify(row, by=company.by("rep"))


def test_not_who_is_paid_on_the_deal(company, credit):
    amending.amend(credit, {"credits": [company.seats["finance2"]]}, by=company.by("rep"))
    with refused(ELSE):
        decide(company, credit, "credit-approved", "finance2")
    with pytest.raises(Problem, match="SOD-6"):
        milestones.verify(walking.milestone(credit, "credit-approved"), by=company.by("finance2"))


@pytest.mark.parametrize("principal", ["rep", "finance"])
def test_a_delegate_inherits_the_conflicts(company, credit, principal):
    """On behalf of the owner, and of the preparer."""
    with refused(ELSE):
        decide(company, credit, "credit-approved", "finance2", on_behalf=company.people[principal].pk)
    by = Actor(company.people["finance2"].pk, "shell", on_behalf=company.people[principal].pk)
    with pytest.raises(Problem):
        milestones.verify(walking.milestone(credit, "credit-approved"), by=by)


def test_who_let_a_delegate_prepare_does_not_verify(company, number):
    row = walking.milestone(number, "credit-approved")
    delegate = Actor(company.people["finance"].pk, "shell", on_behalf=company.people["finance2"].pk)
    milestones.add_value(row, "reference", "the balance sheet", by=company.by("finance"))
    milestones.submit(row, by=delegate)
    with refused(ELSE):
        decide(company, number, "credit-approved", "finance2")


def test_who_let_a_delegate_upload_does_not_verify(company, number):
    row = walking.milestone(number, "credit-approved")
    delegate = Actor(company.people["finance"].pk, "shell", on_behalf=company.people["finance2"].pk)
    milestones.add_value(row, "reference", "the balance sheet", by=delegate)
    milestones.submit(row, by=company.by("finance"))
    with refused(ELSE):
        decide(company, number, "credit-approved", "finance2")


def test_a_seat_elsewhere_and_a_seat_that_ended(company, number):
    walking.submitted(company, number, "delivery-plan-accepted", "ops")
    with refused("who_verifies_holds_the_function"):
        decide(company, number, "delivery-plan-accepted", "ops_west")
    organisation.end_seat(company.seats["ops2"], by=SETUP)
    with refused("who_verifies_holds_the_function"):
        decide(company, number, "delivery-plan-accepted", "ops2")


def test_an_administrator_has_no_power_over_gates(company, credit):
    with refused("who_verifies_holds_the_function"):
        decide(company, credit, "credit-approved", "admin")
    with pytest.raises(Problem):
        milestones.verify(walking.milestone(credit, "credit-approved"), by=company.by("admin"))


def test_only_what_is_submitted_is_judged(company, number):
    with refused("only_what_is_submitted_is_judged"):
        decide(company, number, "credit-approved", "finance2")
    with refused("only_what_is_submitted_is_judged"):
        decide(company, number, "never-heard-of", "finance2")


def test_a_milestone_keeps_its_function(company, number, credit):
    """Planned anew for sales, verified there and handed back to finance: the gate once opened."""
    stream = f"deal/{number}"
    other = {"key": "credit-approved", "requirement": "milestone", "function": "sales"}
    with refused("a_requirement_keeps_its_kind_and_function"):
        write(stream, "milestone.planned", other)
    with refused("a_requirement_keeps_its_kind_and_function"):
        decide(company, number, "credit-approved", "finance2", function="sales")
    with refused("a_requirement_keeps_its_kind_and_function"):
        decide(company, number, "credit-approved", "finance2", "milestone.rejected", function="operations")


def test_an_attestation_under_the_key_of_a_milestone(company, number):
    """It made the milestone stand as met, with nobody else's eyes on it."""
    body = {"key": "credit-approved", "function": "finance", "facts": {"terms": view(number).terms}}
    for requirement in ("milestone", "attestation"):
        with refused("a_kind_speaks_for_its_own_requirement", "a_requirement_keeps_its_kind_and_function"):
            said = body | {"requirement": requirement}
            write(f"deal/{number}", "attestation.given", said, actor=company.people["finance"].pk)


def test_a_word_for_no_requirement(company, number):
    for key in ({}, {"key": ""}, {"key": None}):
        with refused("a_kind_speaks_for_its_own_requirement"):
            write(f"deal/{number}", "milestone.planned", {"requirement": "milestone", "function": "sales", **key})


def attest(company, number, who, function, terms=None, **said):
    facts = {"terms": terms or view(number).terms}
    body = {"key": f"attested-{function}", "requirement": "attestation", "function": function, "facts": facts} | said
    write(f"deal/{number}", "attestation.given", body, actor=company.people[who].pk)


def test_attestations(company, number):
    with refused("who_attests_holds_the_function"):
        attest(company, number, "rep", "finance")
    with refused("who_attests_holds_the_function"):
        attest(company, number, "ops_west", "operations")
    with refused("an_attestation_names_the_present_terms"):
        attest(company, number, "finance", "finance", terms="f" * 64)
    with refused("an_attestation_names_the_present_terms"):
        attest(company, number, "finance", "finance", facts={})
    organisation.fill_seat(company.people["finance"].pk, "operations", None, "lead", by=SETUP)
    attest(company, number, "finance", "finance")
    with refused("one_person_attests_for_one_function"):
        attest(company, number, "finance", "operations")
    organisation.fill_seat(company.people["rep"].pk, "operations", None, "lead", by=SETUP)
    with refused("who_is_paid_does_not_attest"):
        attest(company, number, "rep", "operations")


def test_a_verifier_who_becomes_the_owner_needs_another_verifier(company):
    """The contract was verified by the manager, who then takes the deal over: their own word counts no more."""
    number = walking.ready(company)
    closing.assign(number, company.seats["rep2"], by=company.by("manager"))
    assert deals.read_one(number).standings["contract-signed"].effect == "met"
    organisation.fill_seat(company.people["manager"].pk, "sales", "east", "rep", by=SETUP)
    closing.assign(number, company.seats["manager"], by=company.by("manager"))
    assert deals.read_one(number).standings["contract-signed"].status == "stale"


def test_a_verifier_who_is_paid_from_now_on_needs_another_verifier(company):
    number = walking.ready(company)
    walking.attested(company, number, "sales", "operations")
    seats_paid = [company.seats["finance2"], company.seats["ops"]]
    amending.amend(number, {"credits": seats_paid}, by=company.by("rep"))
    standings = deals.read_one(number).standings
    assert {key for key, standing in standings.items() if standing.status == "stale"} == {
        "credit-approved",
        "billing-terms-verified",
    }
    assert standings["attested-operations"].status == "voided"
    assert standings["attested-sales"].effect == "met"


def test_signing_twice_changes_nothing_and_old_terms_are_refused(company, number):
    terms = view(number).terms
    attestations.attest(number, "finance", terms, by=company.by("finance"))
    version = view(number).version
    attestations.attest(number, "finance", terms, by=company.by("finance"))
    assert view(number).version == version
    amending.amend(number, {"amount": "100001.00", "currency": "USD"}, by=company.by("rep"))
    with pytest.raises(Problem) as caught:
        attestations.attest(number, "finance", terms, by=company.by("finance"))
    assert caught.value.slug == "terms-changed"
