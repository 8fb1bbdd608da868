"""Deals under way move to a newer policy as three functions have ordered it, each by an entry of its own."""

import pytest
from django.db import connection, transaction

from ledger.queries import entries
from ledger.rules.problems import Problem
from pipeline.commands import policy_moves as moves
from pipeline.queries import deals, policies
from pipeline.queries import policy_moves as kept
from tests import newer_policy, walking
from tests.forging import after, refused, write
from tests.walking import kinds, standing, view

SIGNERS = (("cro", "sales"), ("coo", "operations"), ("cfo", "finance"))


def drafted(company, **more):
    target = newer_policy.publish(company)
    return moves.draft(target - 1, target, by=company.by("steward"), **({"stages": newer_policy.STAGES} | more))


def ordered(company, **more):
    number = drafted(company, **more)
    said = [moves.sign(number, function, by=company.by(short)) for short, function in SIGNERS]
    assert said == [False, False, True]
    return number


def carry_out(company, number):
    return moves.run(number, by=company.by("steward"))


def lines(number):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, amount, cause FROM ledger_posting WHERE deal_id = %s AND entry_id ="
            " (SELECT max(entry_id) FROM ledger_posting WHERE deal_id = %s AND book = 'bookings') ORDER BY id",
            [number, number],
        )
        return cursor.fetchall()


def test_a_deal_under_way_moves_with_what_it_has(company):
    number = walking.solution(company)
    walking.verified(company, number, "credit-approved")
    before = kinds(number)
    carried = carry_out(company, ordered(company))
    assert (carried.moved, carried.stays, carried.after) == (1, (), None)
    now = view(number)
    assert (now.policy_version, now.stage, now.place) == (2, "proposal", "pipeline/proposal")
    assert kinds(number)[len(before) :] == [
        "deal.rebound", "milestone.released", "milestone.staled", "milestone.planned",
    ]  # fmt: skip
    assert standing(number, "delivery-plan-accepted").status == "released", "the newer version does not ask for it"
    assert standing(number, "credit-approved").status == "stale", "it had bound the amount to 5 %, not to 1 %"
    assert standing(number, "site-visited").status == "planned"
    assert lines(number) == [
        ("pipeline/solution", -100_000_00, "policy_change"), ("pipeline/proposal", 100_000_00, "policy_change"),
    ]  # fmt: skip
    entry = next(one for one in entries.timeline(f"deal/{number}") if one.kind == "deal.rebound")
    assert entry.body["was"] == 1 and entry.body["changes"] == {
        "planned": ["site-visited"],
        "released": ["delivery-plan-accepted"],
        "stale": [{"key": "credit-approved", "fact": "amount"}],
    }


def test_the_second_run_changes_nothing(company):
    number = walking.solution(company)
    move = ordered(company)
    assert carry_out(company, move).moved == 1
    before = kinds(number)
    assert carry_out(company, move).moved == 0 and moves.sweep() == 0
    found = kept.one(move)
    assert moves.rebind(found, [number], by=company.by("steward")) == (0, ())
    assert kinds(number) == before


def test_the_timetable_carries_it_out_in_chunks(company, monkeypatch):
    monkeypatch.setattr(moves, "CHUNK", 2)
    numbers = [walking.opened(company) for _ in range(5)]
    ordered(company)
    assert moves.sweep(most=4) == 4, "the next run goes on"
    assert moves.sweep() == 1
    assert {view(number).policy_version for number in numbers} == {2}


def test_what_is_booked_or_lost_keeps_its_version(company):
    booked = walking.booked(company)
    move = ordered(company)
    assert carry_out(company, move).moved == 0
    assert view(booked).policy_version == 1
    moved, stays = moves.rebind(kept.one(move), [booked], by=company.by("steward"))
    assert moved == 0 and [(ref, fault.code) for ref, fault in stays] == [(deals.ref_of(booked), "POLICY-MOVE-6")]


def test_a_move_speaks_of_its_unit_only(company):
    number = walking.opened(company)
    assert carry_out(company, ordered(company, unit="west")).moved == 0
    assert view(number).policy_version == 1


def test_what_is_not_asked_for_any_more_may_have_been_the_last_condition(company):
    """The moment of the booking is the moment in which the last condition became true."""
    number = walking.commit(company)
    walking.attested(company, number)
    said = newer_policy.document()
    for stage in said["stages"]:
        stage["gate"] = [need for need in stage["gate"] if need["kind"] not in ("milestone", "capacity")]
        stage["gate"] = [need for need in stage["gate"] if need["key"] != "carrier"]
    said["inputs"] = [one for one in said["inputs"] if one["key"] != "carrier"]
    target = newer_policy.publish(company, said)
    move = moves.draft(1, target, stages=newer_policy.STAGES, by=company.by("steward"))
    assert kept.preview(kept.one(move).move).figures()["opens"] == 1
    for short, function in SIGNERS:
        moves.sign(move, function, by=company.by(short))
    assert carry_out(company, move).moved == 1
    assert view(number).place == "booked" and kinds(number).count("booking.recorded") == 1


def test_the_preview_says_what_the_run_then_does(company):
    number = walking.solution(company)
    walking.verified(company, number, "credit-approved")
    walking.verified(company, number, "delivery-plan-accepted")
    booked = walking.booked(company)
    move = kept.one(drafted(company)).move
    found = kept.preview(move)
    assert found.figures() == kept.one(move.id).figures == {
        "deals": 1, "value": 100_000_00, "stays": 0, "shut": 1, "shut_value": 100_000_00, "opens": 0, "planned": 1,
        "released": 0, "stale": 1, "booked": 1, "whole": True,
    }  # fmt: skip
    (row,) = found.rows
    assert (row.verdict, row.change.asked) == ("shut", ("carrier",)) and row.ref == deals.ref_of(number)
    assert any("site" in why.lower() for why in row.open) and view(booked).policy_version == 1


def test_versions_that_cannot_be_moved_between_are_refused_with_every_reason(company):
    said = newer_policy.document()
    next(one for one in said["inputs"] if one["key"] == "billing_terms").update(type="text")
    next(one for one in said["inputs"] if one["key"] == "billing_terms").pop("choices")
    next(one for one in said["milestones"] if one["key"] == "credit-approved")["owner_function"] = "operations"
    target = newer_policy.publish(company, said)
    with pytest.raises(Problem) as told, transaction.atomic():
        moves.draft(1, target, by=company.by("steward"), stages={"nowhere": "commit"})
    assert [(fault.pointer, fault.code) for fault in told.value.faults] == [
        ("/stages", "POLICY-MOVE-1"), ("/stages/solution", "POLICY-MOVE-2"), ("/credit-approved", "POLICY-MOVE-4"),
        ("/billing_terms", "POLICY-MOVE-4"),
    ]  # fmt: skip
    with pytest.raises(Problem) as told, transaction.atomic():
        moves.draft(target, 1, by=company.by("steward"), unit="nowhere")
    assert [fault.code for fault in told.value.faults] == ["POLICY-MOVE-9", "POLICY-MOVE-10"]
    with pytest.raises(Problem, match="steward"), transaction.atomic():
        moves.draft(1, target, by=company.by("cro"))


def test_a_move_stands_under_three_signatures_of_three_people(company):
    number = walking.opened(company)
    move = drafted(company)
    with pytest.raises(Problem, match="Still to sign: sales, operations, finance"):
        carry_out(company, move)
    moves.sign(move, "sales", by=company.by("cro"))
    for short, function, slug in (
        ("cro", "sales", "move-signed"),
        ("manager", "sales", "move-signed"),
        ("rep", "finance", "forbidden"),
    ):
        with pytest.raises(Problem) as told, transaction.atomic():
            moves.sign(move, function, by=company.by(short))
        assert told.value.slug == slug
    with pytest.raises(Problem, match="steward"):
        moves.run(move, by=company.by("cro"))
    assert view(number).policy_version == 1


def test_a_move_is_withdrawn_by_who_drafted_or_signed_it(company):
    number = walking.opened(company)
    move = drafted(company)
    moves.sign(move, "sales", by=company.by("cro"))
    for short, reason, told in (
        ("coo", "It asks too much", "POLICY-MOVE-14"),
        ("cro", " x ", "POLICY-MOVE-13"),
    ):
        with pytest.raises(Problem, match=told), transaction.atomic():
            moves.withdraw(move, reason, by=company.by(short))
    with refused("a_move_is_withdrawn_by_its_own"):
        write(kept.one(move).stream, "move.withdrawn", {"move": move}, actor=company.people["coo"].pk)
    moves.withdraw(move, "It asks too much", by=company.by("steward"))
    for act in (
        lambda: moves.withdraw(move, "Once more", by=company.by("cro")),
        lambda: moves.sign(move, "finance", by=company.by("cfo")),
        lambda: carry_out(company, move),
    ):
        with pytest.raises(Problem) as found, transaction.atomic():
            act()
        assert found.value.slug == "move-withdrawn"
    with refused("a_withdrawn_move_stays_withdrawn"):
        write(
            kept.one(move).stream, "move.signed", {"move": move, "function": "finance"}, actor=company.people["cfo"].pk
        )
    assert kept.one(move).withdrawn and moves.sweep() == 0 and view(number).policy_version == 1


def test_the_database_orders_nothing_without_three_and_moves_nothing_without_an_order(company):
    number, other = walking.opened(company), walking.booked(company)
    move = drafted(company, stages=newer_policy.STAGES)
    found = kept.one(move)
    with refused("a_move_is_ordered_under_three_signatures"):
        write(found.stream, "move.ordered", {"move": move, **found.move.body()})
    with refused("a_move_is_drafted_by_a_steward"):
        write(found.stream, "move.drafted", {**found.move.body(), "preview": {}})
    with refused("a_deal_keeps_its_policy"):
        write(f"deal/{number}", "deal.rebound", {"after": after(number, policy_version=2), "ordered": move})
    for short, function in SIGNERS:
        moves.sign(move, function, by=company.by(short))
    order = kept.one(move).ordered
    with refused("only_an_open_deal_moves_to_a_newer_policy"):
        write(f"deal/{other}", "deal.rebound", {"after": after(other, policy_version=2), "ordered": order})
    with refused("a_move_names_the_stage"):
        write(
            f"deal/{number}",
            "deal.rebound",
            {"after": after(number, policy_version=2, stage="commit"), "ordered": order},
        )
    with refused("terms_change_only_by_an_amendment"):
        write(
            f"deal/{number}",
            "deal.rebound",
            {"after": after(number, policy_version=2, start_on=None), "ordered": order},
        )
    assert policies.in_force().version == 2
