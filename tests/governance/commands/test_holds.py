"""A function stops a deal, or every deal of an account, until it lets go; what is held neither moves nor counts."""

from dataclasses import replace

import pytest
from django.db import Error, transaction

from governance.commands import account_holds, holds
from governance.queries import holds as query
from ledger.commands.append import Draft, append
from ledger.commands.append import lock as lock_stream
from ledger.queries import moment
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending, closing, organisation, references
from pipeline.queries import policies, seats
from pipeline.rules import value
from tests import walking
from tests.company import SETUP


def held(company, number, who="finance", reason="credit", **more):
    return holds.place(number, reason, "Their last invoice is 60 days late", by=company.by(who), **more)


def refused(slug, run, *args, **more):
    with pytest.raises(Problem) as caught, transaction.atomic():
        run(*args, **more)
    assert caught.value.slug == slug, caught.value
    return caught.value


def test_a_held_deal_does_not_advance_until_its_function_lets_go(company):
    number = walking.opened(company)
    hold = held(company, number)
    decision = advancing.advance(number, "solution", by=company.by("rep"))
    (stop,) = decision.refusals
    assert (stop.key, stop.status, stop.code, stop.who) == ("hold-2", "blocked", "GATE-HOLD-1", "finance")
    assert stop.message.startswith("On hold by Finance on ") and stop.message.endswith(": credit.")
    assert stop.remedy == "Settle the reason of the hold; the function that placed it releases it, on the deal."
    holds.release(number, hold, by=company.by("finance2"), note="They paid")
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    assert walking.kinds(number)[:5] == ["deal.opened", "hold.placed", "gate.refused", "hold.released", "deal.advanced"]
    (row,) = query.rows(f"deal/{number}")
    assert (row.placed_by, row.released_by, row.hold.open) == ("Finance", "Finance2", False)


def test_a_booked_deal_leaves_booked_and_books_again(company):
    number = walking.booked(company)
    worth = walking.view(number).value_minor
    hold = held(company, number, "ops")
    assert (walking.view(number).stage, walking.view(number).place) == ("commit", "pipeline/commit")
    assert walking.kinds(number)[-4:] == [
        "hold.placed", "booking.reversed", "variance.recorded", "reservation.softened"
    ]  # fmt: skip
    holds.release(number, hold, by=company.by("ops2"))
    view = walking.view(number)
    assert (view.stage, view.place, view.value_minor) == ("booked", "booked", worth)
    assert walking.kinds(number)[-4:] == [
        "hold.released", "booking.recorded", "revenue.scheduled", "reservation.confirmed"
    ]  # fmt: skip


def test_two_functions_hold_one_deal_and_each_lets_go_of_its_own(company):
    number = walking.opened(company)
    first, second = held(company, number), held(company, number, "ops")
    refused("hold-open", held, company, number, "finance2")
    refused("forbidden", holds.release, number, second, by=company.by("finance"))
    holds.release(number, first, by=company.by("finance"))
    assert [one.key for one in advancing.advance(number, "solution", by=company.by("rep")).refusals] == ["hold-3"]
    refused("hold-released", holds.release, number, first, by=company.by("finance"))
    refused("not-found", holds.release, number, second + 10_000, by=company.by("finance"))


OTHERS = [("auditor", "forbidden"), ("admin", "not-found"), ("ops_west", "not-found"), ("steward", "forbidden")]


@pytest.mark.parametrize(("who", "slug"), OTHERS)
def test_who_has_no_function_there_holds_nothing(company, who, slug):
    number = walking.opened(company)
    refused(slug, held, company, number, who)
    refused("forbidden", held, company, number, "rep", function="finance")


def test_a_hold_has_a_reason_of_the_list_and_words(company):
    number = walking.opened(company)
    faults = refused("bad-input", holds.place, number, "mood", "x", by=company.by("finance")).faults
    assert [(fault.pointer, fault.code) for fault in faults] == [("/reason", "HOLD-1"), ("/why", "HOLD-2")]
    assert walking.kinds(number) == ["deal.opened"]


def test_who_gains_does_not_release_what_another_function_placed(company):
    number = walking.opened(company)
    hold = held(company, number)
    organisation.fill_seat(company.people["rep"].pk, "finance", "east", "lead", by=SETUP)
    assert refused("separation-of-duties", holds.release, number, hold, by=company.by("rep")).extra["code"] == "SOD-16"
    mine = held(company, number, "rep", function="sales")
    holds.release(number, mine, by=company.by("rep"))


def test_an_account_holds_all_its_deals_also_those_to_come(company):
    open_one, other = walking.opened(company), walking.opened(company, account=None)
    booked, lost = walking.booked(company), walking.opened(company)
    closing.lose(lost, "price", by=company.by("rep"))
    account = company.account.pk
    hold = account_holds.place(account, "compliance", "They are on a list", by=company.by("finance"))
    later = walking.opened(company)
    for number in (open_one, booked, later):
        (stop,) = [row.hold for row in query.rows(f"deal/{number}", open_only=True)]
        assert (stop.of_hold, stop.function, stop.reason) == (hold, "finance", "compliance")
    assert walking.view(booked).place == "pipeline/commit"
    assert "hold.placed" not in walking.kinds(other) + walking.kinds(lost)
    decision = advancing.advance(later, "solution", by=company.by("rep"))
    assert decision.refusals[0].message.startswith("The account is on hold by Finance on ")
    refused("forbidden", holds.release, later, query.rows(f"deal/{later}")[0].hold.id, by=company.by("finance"))
    closing.reopen(lost, "they came back", by=company.by("rep"))
    assert walking.kinds(lost)[-1] == "hold.placed"
    refused("forbidden", account_holds.release, account, hold, by=company.by("ops"))
    account_holds.release(account, hold, by=company.by("finance2"), note="Cleared")
    assert walking.view(booked).place == "booked"
    assert not any(query.rows(f"deal/{number}", open_only=True) for number in (open_one, booked, later, lost))


def test_a_deal_that_changes_its_account_changes_its_holds(company):
    number = walking.opened(company)
    second = references.open_account("Southwind", by=SETUP).pk
    one = account_holds.place(company.account.pk, "credit", "Late again", by=company.by("finance"))
    two = account_holds.place(second, "dispute", "They sue us", by=company.by("coo"))
    amending.amend(number, {"account": second, "economic_buyer": None}, by=company.by("rep"))
    assert [row.hold.of_hold for row in query.rows(f"deal/{number}")] == [two, one]
    assert [row.hold.open for row in query.rows(f"deal/{number}")] == [True, False]
    assert walking.kinds(number)[-3:] == ["deal.amended", "hold.released", "hold.placed"]


def test_the_past_knows_what_was_held(company):
    number = walking.opened(company)
    before = seats.now()
    hold = held(company, number)
    during = seats.now()
    holds.release(number, hold, by=company.by("finance"))
    seen = {}
    for name, at in (("before", before), ("during", during)):
        with moment.known_at(at):
            seen[name] = [row.hold.open for row in query.rows(f"deal/{number}")]
    assert seen == {"before": [], "during": [True]}


# The database alone: what a program with the rights of the application would have to get past.


def crooked(constraint, stream, draft, by):
    with pytest.raises(Error) as caught, transaction.atomic():
        append(lock_stream(stream), draft, by=by)
    assert caught.value.__cause__.diag.constraint_name == constraint


def test_the_floor_refuses_crooked_holds(company):
    number = walking.opened(company)
    stream, finance, rep = f"deal/{number}", company.by("finance"), company.by("rep")

    def placed(seq=2, function="finance", why="too late", **facts):
        said = {"reason": "credit", **facts}
        body = {"key": f"hold-{seq}", "requirement": "hold", "function": function, "facts": said}
        return Draft("hold.placed", body, private={"why": why})

    crooked("a_hold_is_named_by_its_place", stream, placed(7), finance)
    crooked("a_hold_has_its_reason", stream, placed(why=""), finance)
    crooked("who_places_a_hold_has_the_function", stream, placed(), rep)
    crooked("a_deal_follows_an_open_hold_of_its_account", stream, placed(of=1), finance)
    hold = held(company, number)
    body = {"key": "hold-2", "requirement": "hold", "function": "finance", "hold": hold}
    crooked("a_hold_is_released_by_its_function", stream, Draft("hold.released", body), rep)
    crooked("a_release_finds_its_hold_open", stream, Draft("hold.released", {**body, "hold": hold + 1}), finance)
    again = {**body, "key": "hold-3", "facts": {"reason": "credit"}}
    crooked("a_function_has_one_open_hold", stream, Draft("hold.placed", again, private={"why": "twice"}), finance)


def test_a_forged_decision_does_not_move_a_held_deal(company):
    number = walking.opened(company)
    policy = policies.version(walking.view(number).policy_version)
    gate = [[rule.key, "met", None] for rule in policy.stages[1].gate]
    decision = {"policy": policy.version, "from": "qualify", "to": "solution", "passed": True, "results": gate,
                "facts": "0" * 64}  # fmt: skip
    view = walking.view(number)
    on = replace(view, stage="solution", place="pipeline/solution")
    lines = value.postings(view, on, "advance", "USD")
    advance = Draft("deal.advanced", {"after": on.after(), "decision": decision}, postings=lines, policy=policy.version)
    held(company, number)
    crooked("a_deal_on_hold_does_not_advance", f"deal/{number}", advance, company.by("rep"))
    holds.release(number, query.rows(f"deal/{number}")[0].hold.id, by=company.by("finance"))
    with transaction.atomic():
        append(lock_stream(f"deal/{number}"), advance, by=company.by("rep"))
        assert walking.view(number).stage == "solution", "the same bytes pass when nothing holds it"
        transaction.set_rollback(True)
