"""A deal from open to booked, through the commands, with the exact entries that each writes."""

from datetime import timedelta

import pytest

from governance.commands import attestations, milestones
from governance.queries import milestones as rows
from ledger.queries import entries
from pipeline.commands import advancing, opening
from pipeline.queries import deals, seats
from tests import company as companies


@pytest.fixture
def company(db):
    return companies.build()


def stated(company, **more):
    close = (seats.now() + timedelta(days=30)).date()
    return {
        "amount": "100000.00",
        "currency": "USD",
        "close_on": close.isoformat(),
        "start_on": (close + timedelta(days=20)).isoformat(),
        "account": company.account.pk,
        **companies.INPUTS,
        "economic_buyer": company.contact,
        **more,
    }


def kinds(number):
    return [entry.kind for entry in reversed(entries.timeline(f"deal/{number}"))]


def verify(company, number, key, submitter, verifier):
    row = next(row for row in rows.of_deal(number) if row.key == key)
    milestones.add_value(row.id, "reference", f"proof of {key}", by=company.by(submitter))
    milestones.submit(row.id, by=company.by(submitter))
    milestones.verify(row.id, by=company.by(verifier))


def test_open_to_booked(company):
    view = opening.open_deal("Pallet automation", stated(company), by=company.by("rep"))
    assert kinds(view.id) == ["deal.opened"]
    refused = advancing.advance(view.id, "commit", by=company.by("rep"))
    assert not refused.passed
    decision = advancing.advance(view.id, "solution", by=company.by("rep"))
    assert decision.passed, decision.refusals
    assert kinds(view.id) == [
        "deal.opened", "gate.refused", "deal.advanced", "milestone.planned", "milestone.planned"
    ]  # fmt: skip
    verify(company, view.id, "delivery-plan-accepted", "ops", "ops2")
    verify(company, view.id, "credit-approved", "finance", "finance2")
    assert advancing.advance(view.id, "commit", by=company.by("rep")).passed
    verify(company, view.id, "contract-signed", "rep", "manager")
    verify(company, view.id, "capacity-confirmed", "ops", "ops2")
    verify(company, view.id, "billing-terms-verified", "finance", "finance2")
    terms = deals.read_one(view.id).view.terms
    for name, function in (("rep", "sales"), ("ops", "operations")):
        attestations.attest(view.id, function, terms, by=company.by(name))
    assert deals.read_one(view.id).view.stage == "commit"
    attestations.attest(view.id, "finance", terms, by=company.by("finance"))
    booked = deals.read_one(view.id).view
    assert (booked.stage, booked.place, booked.value_minor) == ("booked", "booked", 10_000_000)
