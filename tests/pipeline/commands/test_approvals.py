"""A policy may ask a role to approve above an amount."""

import pytest
import yaml
from django.db import transaction

from governance.commands import approvals
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending, opening, policies
from pipeline.queries import deals
from tests import company as companies
from tests import walking

APPROVAL = {
    "key": "executive-approval",
    "kind": "approval",
    "sentence": "An executive approves deals above 50,000",
    "owner_function": "sales",
    "remedy": "Ask an executive to approve the deal",
    "role": "executive",
    "above_minor": 5_000_000,
}


@pytest.fixture
def careful(company):
    """The company under a policy that asks for an approval."""
    built = company
    document = yaml.safe_load(companies.DEFAULT_POLICY.read_text())
    document["stages"][1]["gate"].append(APPROVAL)
    drafted = policies.draft(document, by=built.by("steward"))
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=built.by(short))
    return built


def test_an_executive_approves_and_a_new_amount_asks_again(careful):
    company = careful
    view = opening.open_deal("Pallet automation", walking.stated(company), by=company.by("rep"))
    refused = advancing.advance(view.id, "solution", by=company.by("rep"))
    assert [result.key for result in refused.refusals] == ["executive-approval"]
    with pytest.raises(Problem) as wrong, transaction.atomic():
        approvals.approve(view.id, "executive-approval", by=company.by("rep"))
    assert wrong.value.slug == "separation-of-duties"
    approvals.approve(view.id, "executive-approval", by=company.by("cro"))
    amending.amend(view.id, {"amount": "120000.00"}, by=company.by("rep"))
    assert deals.read_one(view.id).standings["executive-approval"].status == "voided"
    assert not advancing.advance(view.id, "solution", by=company.by("rep")).passed
    approvals.approve(view.id, "executive-approval", by=company.by("cfo"))
    assert advancing.advance(view.id, "solution", by=company.by("rep")).passed


def test_a_small_deal_needs_no_approval(careful):
    company = careful
    view = opening.open_deal("Spare parts", walking.stated(company, amount="50000.00"), by=company.by("rep"))
    assert advancing.advance(view.id, "solution", by=company.by("rep")).passed
