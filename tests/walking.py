"""A deal taken along its way by the product's own commands, for tests that begin further on."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from governance.commands import attestations, milestones
from governance.queries import milestones as rows
from ledger.queries import entries
from ledger.rules.standing import Standing
from pipeline.commands import advancing, opening
from pipeline.queries import deals, policies, seats
from pipeline.rules.deal import DealView
from tests.company import INPUTS, Company

# Milestone → who prepares it, who verifies it.
BEFORE_COMMIT = {"delivery-plan-accepted": ("ops", "ops2"), "credit-approved": ("finance", "finance2")}
BEFORE_BOOKED = {
    "contract-signed": ("rep", "manager"),
    "capacity-confirmed": ("ops", "ops2"),
    "billing-terms-verified": ("finance", "finance2"),
}
_numbers = itertools.count(1)  # the same free text on many deals is refused
SIGNERS = {"sales": "rep", "operations": "ops", "finance": "finance"}


def stated(company: Company, **more: Any) -> dict[str, Any]:
    """Every input of the default policy, well given."""
    close = (seats.now() + timedelta(days=30)).date()
    return {
        "amount": "100000.00",
        "currency": "USD",
        "close_on": close.isoformat(),
        "start_on": (close + timedelta(days=20)).isoformat(),
        "account": company.account.pk,
        **INPUTS,
        "need": f"Their packing line {next(_numbers)} stops twice a week",
        "economic_buyer": company.contact,
        **more,
    }


def view(number: int) -> DealView:
    return deals.read_one(number).view


def standing(number: int, key: str) -> Standing:
    return deals.read_one(number).standings[key]


def move_clock(to: datetime) -> datetime:
    """Moves the product's clock forward, as a demo may; a test that is rolled back takes it along."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_move_demo_clock(%s)", [to])
        moment: datetime = cursor.fetchone()[0]
    return moment


def kinds(number: int) -> list[str]:
    """The kinds of a deal's entries, oldest first."""
    return [entry.kind for entry in reversed(entries.timeline(f"deal/{number}", limit=500))]


def milestone(number: int, key: str) -> int:
    return next(row for row in rows.of_deal(number) if row.key == key).id


def opened(company: Company, **more: Any) -> int:
    return opening.open_deal("Pallet automation", stated(company, **more), by=company.by("rep")).id


def submitted(company: Company, number: int, key: str, by: str) -> int:
    row = milestone(number, key)
    milestones.add_value(row, "reference", f"proof of {key}", by=company.by(by))
    milestones.submit(row, by=company.by(by))
    return row


def verified(company: Company, number: int, key: str) -> int:
    preparer, verifier = {**BEFORE_COMMIT, **BEFORE_BOOKED}[key]
    row = submitted(company, number, key, preparer)
    milestones.verify(row, by=company.by(verifier))
    return row


def solution(company: Company, **more: Any) -> int:
    """In the second stage, whatever the policy in force calls it."""
    number = opened(company, **more)
    second = policies.in_force().stages[1].key
    assert advancing.advance(number, second, by=company.by("rep")).passed
    return number


def commit(company: Company, **more: Any) -> int:
    number = solution(company, **more)
    for key in BEFORE_COMMIT:
        verified(company, number, key)
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    return number


def attested(company: Company, number: int, *functions: str) -> None:
    for function in functions or SIGNERS:
        attestations.attest(number, function, view(number).terms, by=company.by(SIGNERS[function]))


def ready(company: Company, **more: Any) -> int:
    """In commit, every milestone verified; only the attestations are missing."""
    number = commit(company, **more)
    for key in BEFORE_BOOKED:
        verified(company, number, key)
    return number


def booked(company: Company, **more: Any) -> int:
    number = ready(company, **more)
    attested(company, number)
    assert view(number).stage == "booked"
    return number
