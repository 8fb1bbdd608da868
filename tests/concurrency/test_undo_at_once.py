"""Undoing a verification against building on it: one is first, and the other is refused.

Seen to fail: without `turn.builds` the command runs into the database, which refuses the undo all the same.
"""

import pytest

from governance.commands import turns
from ledger.rules.problems import Problem
from pipeline.commands import advancing
from tests import walking
from tests.concurrency.racing import race


@pytest.fixture
def company(committed_company):
    return committed_company[1]


def test_an_undo_against_an_advance(company):
    for _ in range(5):
        number = walking.solution(company)
        walking.verified(company, number, "credit-approved")
        row = walking.verified(company, number, "delivery-plan-accepted")
        undone, decision = race(
            [
                lambda r=row: turns.undo(r, by=company.by("ops2")),
                lambda n=number: advancing.advance(n, "commit", by=company.by("rep")),
            ]
        )
        stands = walking.standing(number, "delivery-plan-accepted").status
        if isinstance(undone, Problem):
            assert (undone.slug, decision.passed, stands) == ("built-on", True, "verified")
        else:
            assert (decision.passed, stands) == (False, "submitted")
        assert walking.view(number).stage == ("commit" if decision.passed else "solution")
