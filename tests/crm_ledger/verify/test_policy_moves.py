"""A move to a newer policy is judged again, and a moved deal is shown under the policy of each moment."""

from functools import partial

import pytest
from django.db import connection, transaction

from crm_ledger.verify import rebuild, run
from ledger.queries import entries, moment
from ledger.rules.problems import Problem
from pipeline.commands import policy_moves as moves
from pipeline.queries import deals, policies
from pipeline.queries import policy_moves as kept
from tests import newer_policy, walking
from tests.concurrency.racing import race
from tests.forging import after, refused, write
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
        move = ordered(company, 1, target, unit="east", stages=newer_policy.STAGES)
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


def ordered(company, source, target, **more):
    move = moves.draft(source, target, by=company.by("steward"), **more)
    for short, function in SIGNERS:
        moves.sign(move, function, by=company.by(short))
    return move


def test_two_machines_move_each_deal_once_and_none_after_a_withdrawal(moved, monkeypatch):
    company, source = moved[0], policies.in_force().version
    numbers = [walking.opened(company) for _deal in range(7)]
    target = newer_policy.publish(company, newer_policy.document() | {"loss_reasons": ["price", "timing"]})
    move = ordered(company, source, target)
    monkeypatch.setattr(moves, "CHUNK", 2)
    assert sum(race([moves.sweep] * 2)) >= len(numbers)
    assert [walking.kinds(number).count("deal.rebound") for number in numbers] == [1] * len(numbers)
    assert {view(number).policy_version for number in numbers} == {target}
    with pytest.raises(Problem, match="nothing is left of it"):
        moves.withdraw(move, "Too late", by=company.by("cro"))
    # A withdrawal at the same moment: each deal has moved before it, or stays.
    again = newer_policy.publish(company, newer_policy.document() | {"loss_reasons": ["price", "other"]})
    move = ordered(company, target, again)
    drafted = kept.one(move)
    halves = numbers[:4], numbers[4:]
    race([
        *(partial(moves.rebind, drafted, half, by=company.by("steward")) for half in halves),
        partial(moves.withdraw, move, "It asks for too much", by=company.by("cro")),
    ])  # fmt: skip
    assert kept.one(move).withdrawn_by == company.people["cro"].pk
    was = {number: view(number).policy_version for number in numbers}
    assert moves.rebind(drafted, numbers, by=company.by("steward")) == (0, ()) and moves.sweep() == 0
    assert {number: view(number).policy_version for number in numbers} == was
    for number in numbers:
        assert walking.kinds(number).count("deal.rebound") == 1 + (was[number] == again)
    if target in was.values():
        number = next(number for number in numbers if was[number] == target)
        with refused("a_withdrawn_move_stays_withdrawn"):
            state = after(number, policy_version=again)
            write(f"deal/{number}", "deal.rebound", {"after": state, "ordered": drafted.ordered})
    assert broken() == set()


def test_what_the_database_lets_through_is_judged_again(moved):
    """A move that leaves out what follows from it, by somebody who is no steward: whoever reads the record sees it."""
    company, _number, _waiting, _order = moved
    with transaction.atomic():
        number = walking.opened(company)
        source = view(number).policy_version
        assert source == policies.in_force().version, "it opens under the policy in force"
    with transaction.atomic():
        again = newer_policy.publish(company, newer_policy.document() | {"name": "default", "loss_reasons": ["price"]})
        move = ordered(company, source, again)
        lie = {"planned": ["site-visited", "credit-approved"], "released": [], "stale": []}
        state = after(number, policy_version=again)
        body = {"after": state, "ordered": kept.one(move).ordered, "was": source, "changes": lie}
        write(f"deal/{number}", "deal.rebound", body, actor=company.people["rep"].pk)
    assert broken() == {("deal.rebound", "changes"), ("deal.rebound", "actor")}
