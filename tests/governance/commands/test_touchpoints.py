"""Any function logs what it sees on an account; health follows in the same insert, and a hold may come with it."""

import pytest
from django.db import Error, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from governance.commands import touchpoints
from governance.queries import holds
from governance.queries import touchpoints as query
from governance.rules import touchpoint as rules
from ledger.commands.append import Draft, append, lock
from ledger.queries import entries, moment
from ledger.rules.problems import Problem
from pipeline.queries import seats
from tests import walking


def refused(slug, run, *args, **more):
    with pytest.raises(Problem) as caught, transaction.atomic():
        run(*args, **more)
    assert caught.value.slug == slug, caught.value
    return caught.value


def kinds(account):
    return [entry.kind for entry in reversed(entries.timeline(f"account/{account}"))]


def test_the_worked_example_of_health():
    assert rules.health([]) == 100
    assert rules.health([20, 15]) == 65
    assert [rules.state(score) for score in (100, 80, 79, 50, 49, 0)] == [
        "healthy", "healthy", "strained", "strained", "at-risk", "at-risk"
    ]  # fmt: skip


@given(st.lists(st.integers(1, 100)), st.integers(1, 100))
def test_more_never_heals_and_order_does_not_matter(weights, more):
    assert 0 <= rules.health([*weights, more]) <= rules.health(weights) <= 100
    assert rules.health(weights[::-1]) == rules.health(weights)


def test_the_database_knows_the_same_kinds(company):
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, weight, function FROM governance_touchpointkind")
        assert {kind: (weight, function) for kind, weight, function in cursor.fetchall()} == rules.SORTS


def test_health_falls_with_what_is_logged_and_rises_when_it_is_settled(company):
    account = company.account.pk
    assert query.health(account) == query.Health(100, 0)
    defect = touchpoints.log(account, "defect", "The second line stands", by=company.by("rep"))
    touchpoints.log(account, "billing-error", "Billed twice", by=company.by("rep_west"))
    assert query.health(account) == query.Health(65, 2)
    refused("forbidden", touchpoints.settle, account, defect, by=company.by("finance"))
    touchpoints.settle(account, defect, by=company.by("ops_west"), note="It runs again")
    assert query.health(account) == query.Health(85, 1)
    refused("touchpoint-settled", touchpoints.settle, account, defect, by=company.by("ops"))
    refused("not-found", touchpoints.settle, account, defect + 10_000, by=company.by("ops"))
    assert kinds(account)[-3:] == ["touchpoint.logged", "touchpoint.logged", "touchpoint.settled"]
    rows = query.rows(account)
    assert [(row.touchpoint.kind, row.logged_by, row.settled_by) for row in rows] == [
        ("billing-error", "Rep West", ""), ("defect", "Rep", "Ops West"),
    ]  # fmt: skip


def test_a_hold_comes_in_the_same_act_or_nothing_does(company):
    account, number = company.account.pk, walking.opened(company)
    refused("forbidden", touchpoints.log, account, "defect", "It stands", by=company.by("rep"), hold="delivery")
    refused("bad-input", touchpoints.log, account, "defect", "It stands", by=company.by("ops"), hold="mood")
    assert query.rows(account) == []
    touchpoints.log(account, "defect", "It stands", by=company.by("ops"), hold="delivery")
    assert kinds(account)[-2:] == ["touchpoint.logged", "account.held"]
    assert [row.hold.reason for row in holds.rows(f"deal/{number}", open_only=True)] == ["delivery"]


def test_what_is_not_said_rightly_is_named_at_once(company):
    faults = refused("bad-input", touchpoints.log, company.account.pk, "mood", "x", by=company.by("rep")).faults
    assert [(fault.pointer, fault.code) for fault in faults] == [("/kind", "TOUCH-1"), ("/what", "TOUCH-2")]
    refused("forbidden", touchpoints.log, company.account.pk, "defect", "It stands", by=company.by("auditor"))
    refused("not-found", touchpoints.log, 999_999, "defect", "It stands", by=company.by("rep"))


def test_the_past_knows_the_health_of_then(company):
    account = company.account.pk
    one = touchpoints.log(account, "defect", "It stands", by=company.by("rep"))
    during = seats.now()
    touchpoints.settle(account, one, by=company.by("ops"))
    with moment.known_at(during):
        assert query.health(account) == query.Health(80, 1)
        assert [row.touchpoint.open for row in query.rows(account)] == [True]
    assert query.health(account) == query.Health(100, 0)


def test_the_floor_refuses_crooked_touchpoints(company):
    stream, by = f"account/{company.account.pk}", company.by("rep")
    body = {"touchpoint_kind": "defect", "weight": 20, "concerns": "operations", "function": "sales"}
    one = touchpoints.log(company.account.pk, "defect", "It stands", by=company.by("ops"))
    for constraint, kind, said, who, what in (
        ("a_touchpoint_is_of_a_known_kind", "touchpoint.logged", body | {"weight": 1}, by, "it stands"),
        ("a_touchpoint_says_what_happened", "touchpoint.logged", body, by, ""),
        ("who_logs_has_the_function", "touchpoint.logged", body | {"function": "finance"}, by, "it stands"),
        ("a_settlement_finds_its_touchpoint_open", "touchpoint.settled", {"touchpoint": one + 1}, by, ""),
        ("a_touchpoint_is_settled_by_its_function", "touchpoint.settled", {"touchpoint": one}, by, ""),
    ):
        with pytest.raises(Error) as caught, transaction.atomic():
            append(lock(stream), Draft(kind, said, private={"what": what}), by=who)
        assert caught.value.__cause__.diag.constraint_name == constraint
