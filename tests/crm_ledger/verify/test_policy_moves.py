"""A move to a newer policy is judged again, and a moved deal is shown under the policy of each moment."""

import pytest
from django.db import connection, transaction

from crm_ledger.verify import rebuild, run
from ledger.queries import entries, moment
from pipeline.commands import policy_moves as moves
from pipeline.queries import deals
from pipeline.queries import policy_moves as kept
from tests import newer_policy, walking
from tests.forging import after, write
from tests.walking import view

SIGNERS = (("cro", "sales"), ("coo", "operations"), ("cfo", "finance"))


@pytest.fixture(scope="module")
def lived():
    return []


@pytest.fixture
def moved(committed_company, lived):
    """(company, number of the moved deal, number of one that waits, entry of the order)."""
    company = committed_company[1]
    if not lived:
        number = walking.solution(company)
        walking.verified(company, number, "credit-approved")
        target = newer_policy.publish(company)
        move = moves.draft(1, target, unit="east", stages=newer_policy.STAGES, by=company.by("steward"))
        for short, function in SIGNERS:
            moves.sign(move, function, by=company.by(short))
        moves.run(move, by=company.by("steward"))
        lived += [number, walking.opened(company), kept.one(move).ordered]
    return company, *lived


def broken():
    connection.close()
    found = run.verify()
    return {
        (one.place.split(", ")[-1], one.fact)
        for name in ("completeness", "lawfulness")
        for one in found[name].violations
    }


def test_a_move_holds_and_is_built_anew_from_the_record(moved):
    assert broken() == set()
    connection.close()
    assert list(rebuild.differences()) == []


def test_a_moved_deal_stands_under_the_policy_of_each_moment(moved):
    _company, number, _waiting, _order = moved
    entry = next(one for one in entries.timeline(f"deal/{number}", limit=500) if one.kind == "deal.rebound")
    before = next(one for one in entries.timeline(f"deal/{number}", limit=500) if one.seq == entry.seq - 1)
    for at, expected in ((before.recorded_at, (1, "solution")), (entry.recorded_at, (2, "proposal"))):
        with moment.known_at(at):
            was = deals.read_one(number).view
        assert (was.policy_version, was.stage) == expected


def test_what_the_database_lets_through_is_judged_again(moved):
    """A move that leaves out what follows from it, by somebody who is no steward: whoever reads the record sees it."""
    company, _number, _waiting, _order = moved
    with transaction.atomic():
        number = walking.opened(company)
        assert view(number).policy_version == 2, "it opens under the policy in force"
    with transaction.atomic():
        again = newer_policy.publish(company, newer_policy.document() | {"name": "default", "loss_reasons": ["price"]})
        move = moves.draft(2, again, by=company.by("steward"))
        for short, function in SIGNERS:
            moves.sign(move, function, by=company.by(short))
        lie = {"planned": ["site-visited", "credit-approved"], "released": [], "stale": []}
        state = after(number, policy_version=again)
        body = {"after": state, "ordered": kept.one(move).ordered, "was": 2, "changes": lie}
        write(f"deal/{number}", "deal.rebound", body, actor=company.people["rep"].pk)
    assert broken() == {("deal.rebound", "changes"), ("deal.rebound", "actor")}
