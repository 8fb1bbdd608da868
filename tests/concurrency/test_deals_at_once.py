"""Two people, one deal, the same moment: real connections, real commits, one lock."""

from datetime import timedelta

import pytest
from django.db import connection

from governance.commands import attestations, expiry, milestones
from ledger.commands import outbox
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending
from pipeline.queries import seats
from pipeline.rules.decision import Decision
from tests import walking
from tests.concurrency.racing import race

ROUNDS = 3


@pytest.fixture
def company(committed_company):
    return committed_company[1]


def problems(results):
    return sorted(result.slug for result in results if isinstance(result, Problem))


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_advances_move_a_deal_once(company, _):
    number = walking.opened(company)
    results = race([lambda: advancing.advance(number, "solution", by=company.by("rep"))] * 2)
    assert all(isinstance(result, Decision) and result.passed for result in results)
    assert walking.kinds(number).count("deal.advanced") == 1
    assert walking.kinds(number).count("milestone.planned") == 2


@pytest.mark.parametrize("_", range(ROUNDS))
def test_of_two_advances_from_one_version_the_second_is_told(company, _):
    number = walking.opened(company)
    results = race([lambda: advancing.advance(number, "commit", by=company.by("rep"), expected=1)] * 2)
    assert problems(results) == ["stale-version"]
    assert walking.kinds(number) == ["deal.opened", "gate.refused"]


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_verifications_are_one(company, _):
    number = walking.solution(company)
    row = walking.submitted(company, number, "credit-approved", "finance")
    results = race([lambda who=who: milestones.verify(row, by=company.by(who)) for who in ("finance2", "cfo")])
    assert problems(results) == ["milestone-state"]
    assert walking.kinds(number).count("milestone.verified") == 1


@pytest.mark.parametrize("_", range(ROUNDS))
def test_an_advance_against_a_revocation(company, _):
    """Whichever comes first: never a deal in commit whose advance rested on what was revoked before it."""
    number = walking.solution(company)
    rows = [walking.verified(company, number, key) for key in walking.BEFORE_COMMIT]
    results = race(
        [
            lambda: advancing.advance(number, "commit", by=company.by("rep")),
            lambda: milestones.revoke(rows[0], "The plan fell through", by=company.by("ops")),
        ]
    )
    said = walking.kinds(number)
    if results[0].passed:
        assert said.index("deal.advanced", 5) < said.index("milestone.revoked")
    else:
        assert said.index("milestone.revoked") < said.index("gate.refused", 5)
        assert walking.view(number).stage == "solution"


def test_the_last_attestations_book_once(company):
    number = walking.commit(company)
    for key in walking.BEFORE_BOOKED:
        walking.verified(company, number, key)
    terms = walking.view(number).terms
    signers = {"rep": "sales", "ops": "operations", "finance": "finance", "cfo": "finance", "ops2": "operations"}
    results = race(
        [
            lambda who=who, function=function: attestations.attest(number, function, terms, by=company.by(who))
            for who, function in signers.items()
        ]
    )
    assert problems(results) == []
    assert walking.kinds(number).count("booking.recorded") == 1
    assert walking.view(number).place == "booked"


def test_an_amendment_against_an_attestation(company):
    """Nobody signs terms that are not the present ones, and nothing is booked under old ones."""
    number = walking.commit(company)
    terms = walking.view(number).terms
    results = race(
        [
            lambda: amending.amend(number, {"amount": "100500.00"}, by=company.by("rep")),
            lambda: attestations.attest(number, "finance", terms, by=company.by("finance")),
        ]
    )
    said = walking.kinds(number)
    if problems(results):
        assert problems(results) == ["terms-changed"]
        assert "attestation.given" not in said
    else:
        assert said.index("attestation.given") < said.index("deal.amended") < said.index("attestation.voided")


def test_two_relays_never_claim_the_same_delivery(company):
    number = walking.solution(company)
    for key, who in (("credit-approved", "finance"), ("delivery-plan-accepted", "ops")):
        walking.submitted(company, number, key, who)
    claims = race([lambda: outbox.claim(1)] * 4)
    taken = [delivery for claimed in claims for delivery in claimed]
    assert len(taken) == len(set(taken)) >= 2


def test_two_sweeps_expire_once(company):
    """Last but one: it moves the clock of this module past the two years of a credit approval."""
    number = walking.solution(company)
    walking.verified(company, number, "credit-approved")
    walking.move_clock(seats.now() + timedelta(days=731))
    due = len(expiry.expired())
    assert sum(race([expiry.sweep] * 2)) == due > 0
    assert walking.kinds(number).count("milestone.expired") == 1


def test_the_books_balance_after_all_of_it(company):
    with connection.cursor() as cursor:
        cursor.execute("SELECT book, currency, sum(amount) FROM ledger_posting GROUP BY book, currency")
        found = cursor.fetchall()
        assert ("bookings", "USD", 0) in found
        assert {total for _, _, total in found} == {0}
        cursor.execute(
            "SELECT count(*) FROM pipeline_dealstate s WHERE place = 'booked' AND value_minor <>"
            " (SELECT sum(amount) FROM ledger_posting p WHERE p.deal_id = s.deal_id AND p.place = 'booked')"
        )
        assert cursor.fetchone() == (0,)
