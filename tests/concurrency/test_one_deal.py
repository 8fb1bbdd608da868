"""More acts on one deal at the same moment: the lock is the chain, so one is first and the other sees it.

Seen to fail: with `FOR NO KEY UPDATE` taken out of pipeline_lock_deal, the second writer is refused by the chain
(moved-on) instead of seeing what the first one did, and gates are judged on facts of yesterday.
"""

import pytest
from django.db import connection

from governance.commands import attestations, milestones
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending
from pipeline.rules.deal import DealView
from tests import walking
from tests.concurrency.racing import race
from tests.walking import kinds, view


@pytest.fixture
def company(committed_company):
    return committed_company[1]


def slugs(answers):
    return sorted(answer.slug for answer in answers if isinstance(answer, Problem))


def test_two_advances_of_a_version_that_both_have_seen(company):
    number = walking.opened(company)
    seen = view(number).version
    answers = race(
        [
            lambda: amending.amend(number, {"amount": "1.00", "currency": "USD"}, by=company.by("rep"), expected=seen),
            lambda: amending.amend(
                number, {"amount": "2.00", "currency": "USD"}, by=company.by("manager"), expected=seen
            ),
        ]
    )
    assert slugs(answers) == ["stale-version"], answers
    [won] = [answer for answer in answers if isinstance(answer, DealView)]
    assert view(number).amount_minor == won.amount_minor
    assert kinds(number) == ["deal.opened", "deal.amended"]


def test_a_verification_against_a_rejection(company):
    number = walking.solution(company)
    row = walking.submitted(company, number, "credit-approved", "finance")
    answers = race(
        [
            lambda: milestones.verify(row, by=company.by("finance2")),
            lambda: milestones.reject(row, "The balance sheet is of 2024", by=company.by("cfo")),
        ]
    )
    assert slugs(answers) == ["milestone-state"], answers
    assert kinds(number)[-1] in ("milestone.verified", "milestone.rejected")


def test_the_last_attestation_against_a_revocation(company):
    for _ in range(3):
        number = walking.ready(company)
        walking.attested(company, number, "sales", "operations")
        row, terms = walking.milestone(number, "capacity-confirmed"), view(number).terms
        answers = race(
            [
                lambda n=number, t=terms: attestations.attest(n, "finance", t, by=company.by("finance")),
                lambda row=row: milestones.revoke(row, "The line is sold twice", by=company.by("ops2")),
            ]
        )
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        assert view(number).stage == "commit"
        story = kinds(number)
        assert story.count("booking.recorded") == story.count("booking.reversed") <= 1


def test_sixteen_attestations_at_once(company):
    number = walking.ready(company)
    terms = view(number).terms
    people = {"sales": ("rep", "rep2", "manager", "cro"), "operations": ("ops", "ops2", "coo", "ops"),
              "finance": ("finance", "finance2", "cfo", "finance")}  # fmt: skip
    wanted = [(function, who) for function, held in people.items() for who in held]
    wanted += [("sales", "ops"), ("finance", "rep"), ("operations", "ops_west"), ("finance", "admin")]
    acts = [
        lambda f=function, w=who: attestations.attest(number, f, terms, by=company.by(w)) for function, who in wanted
    ]
    answers = race(acts)
    assert [type(answer) for answer in answers[:12]] == [DealView] * 12, answers
    assert all(isinstance(answer, Problem) for answer in answers[12:]), answers
    story = kinds(number)
    assert story.count("attestation.given") == 3
    assert story.count("booking.recorded") == 1
    assert view(number).stage == "booked"


CHAIN = """
SELECT array_agg(seq ORDER BY seq),
    bool_and(convert_from(envelope, 'UTF8')::jsonb ->> 'prev' = coalesce(encode(before, 'hex'), repeat('0', 64))),
    (SELECT version = max(seq) AND head = (array_agg(hash ORDER BY seq DESC))[1] FROM ledger_stream WHERE id = %s)
FROM (SELECT *, lag(hash) OVER (ORDER BY seq) AS before FROM ledger_entry WHERE stream = %s) AS entry
"""


def test_many_hands_leave_one_chain(company):
    """Sixteen acts of all sorts; afterwards the chain has no gap and its head is the hash of its last entry."""
    number = walking.solution(company)
    row = walking.milestone(number, "credit-approved")
    finance, rep, manager = company.by("finance"), company.by("rep"), company.by("manager")
    acts = [lambda at=at: milestones.add_value(row, "reference", f"page {at}", by=finance) for at in range(8)]
    acts += [lambda: advancing.advance(number, "commit", by=rep)] * 4
    acts += [
        lambda at=at: amending.amend(number, {"amount": f"{at}.50", "currency": "USD"}, by=manager) for at in "1234"
    ]
    answers = race(acts)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, [f"deal/{number}"] * 2)
        places, linked, headed = cursor.fetchone()
    assert places == list(range(1, len(places) + 1)) and linked and headed
    assert kinds(number).count("evidence.added") == 8
