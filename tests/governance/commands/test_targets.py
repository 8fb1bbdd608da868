"""Objectives and targets: set by who answers for them, revised by entries, linked to deals, the same at any moment."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import Error, connection, transaction

from governance.commands.targets import linking, setting
from governance.commands.targets.setting import Goal
from governance.queries import targets
from governance.rules.targets import Span
from ledger.commands.append import Draft, append, lock
from ledger.queries import entries, moment
from ledger.rules.problems import Problem
from pipeline.queries import seats
from tests import walking
from tests.walking import move_clock

QUARTER = Span("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
PLAN = Goal("plan", "booked", QUARTER, 12_400_000_00, currency="USD")


def kinds(stream):
    return [entry.kind for entry in reversed(entries.timeline(stream, limit=50))]


def said(number):
    row = targets.objective(number)
    return row.title, row.objective.version


def refused(slug, run, *args, **more):
    with pytest.raises(Problem) as caught, transaction.atomic():
        run(*args, **more)
    assert caught.value.slug == slug, caught.value
    return caught.value


@pytest.fixture
def objective(company):
    return setting.set_objective("Win the north", QUARTER, by=company.by("cro"))


@pytest.fixture
def result(company, objective):
    stated = Goal("key_result", "booked", QUARTER, 500_000_00, currency="USD", objective=objective, title="Booked")
    return setting.set_target(stated, by=company.by("cro"))


def test_an_objective_has_its_owner_and_its_words_outside_of_the_record(company, objective):
    row = targets.objective(objective)
    assert (row.title, row.owner, row.objective.version) == ("Win the north", "Cro", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT convert_from(envelope, 'UTF8') FROM ledger_entry WHERE kind = 'objective.set'")
        assert "north" not in cursor.fetchone()[0]


def test_a_revision_is_a_new_version_and_the_old_one_stays(company, objective):
    before = seats.now()
    move_clock(before + timedelta(hours=1))
    setting.set_objective("Win the whole north", QUARTER, by=company.by("coo"), number=objective)
    assert kinds(f"objective/{objective}") == ["objective.set"] * 2
    assert said(objective) == ("Win the whole north", 2)
    with moment.known_at(before):
        assert said(objective) == ("Win the north", 1)


def test_finance_sets_the_plan_and_nobody_else(company):
    number = setting.set_target(PLAN, by=company.by("cfo"))
    assert targets.plan("booked", QUARTER.first, QUARTER.until, None) == 12_400_000_00
    refused("forbidden", setting.set_target, replace(PLAN, measure="revenue"), by=company.by("cro"))
    refused("forbidden", setting.set_objective, "Win", QUARTER, by=company.by("rep"))
    refused("exists-already", setting.set_target, PLAN, by=company.by("finance"))
    setting.withdraw("target", number, "a new plan comes", by=company.by("finance"))
    assert targets.plan("booked", QUARTER.first, QUARTER.until, None) is None
    assert kinds(f"target/{number}") == ["target.set", "target.withdrawn"]
    refused("target-withdrawn", setting.withdraw, "target", number, "again", by=company.by("cfo"))


def test_a_key_result_stands_in_the_span_of_its_objective(company, objective):
    other = Goal("key_result", "booked", Span("2026", date(2026, 1, 1), date(2027, 1, 1)), 5, objective=objective)
    number = setting.set_target(other, by=company.by("cro"))
    assert targets.target(number).target.span == QUARTER
    assert [row.target.id for row in targets.of_objectives([objective])] == [number]
    refused("objective-has-key-results", setting.withdraw, "objective", objective, "no more", by=company.by("cro"))
    refused("bad-input", setting.set_target, replace(other, objective=None), by=company.by("cro"))
    refused("bad-input", setting.set_target, replace(other, goal=0), by=company.by("cro"))


def test_a_target_of_the_company_is_not_seen_from_one_unit(company, result):
    refused("not-found", linking.link, result, walking.opened(company), "", 5, by=company.by("manager"))
    assert targets.targets(["east"]) == [] and len(targets.targets(None)) == 1


def test_a_deal_is_linked_with_a_signed_amount_and_unlinked(company):
    east = replace(PLAN, span=replace(QUARTER, unit="east"))
    number = setting.set_target(east, by=company.by("cfo"))
    deal = walking.solution(company)
    linking.link(number, deal, "", 90_000_00, by=company.by("manager"))
    linking.link(number, deal, "credit-approved", -10_000_00, by=company.by("ops"))
    assert [(row.link.key, row.link.amount) for row in targets.links(number, None)] == [
        ("", 90_000_00),
        ("credit-approved", -10_000_00),
    ]
    before = seats.now()
    move_clock(before + timedelta(hours=1))
    linking.link(number, deal, "", 0, by=company.by("manager"))
    assert [row.link.key for row in targets.links(number, None)] == ["credit-approved"]
    with moment.known_at(before):
        assert len(targets.links(number, None)) == 2
    assert kinds(f"target/{number}") == ["target.set", "target.linked", "target.linked", "target.unlinked"]
    refused("forbidden", linking.link, number, deal, "", 5, by=company.by("rep"))
    refused("not-found", linking.link, number, deal, "", 5, by=company.by("manager_west"))
    refused("bad-input", linking.link, number, deal, "no-such-thing", 5, by=company.by("manager"))
    refused("bad-input", linking.link, number, deal, "", 0, by=company.by("manager"))


SET = {"version": 1, "period": "2026-Q4", "first": date(2026, 10, 1), "until": date(2027, 1, 1), "unit": None}


@pytest.mark.parametrize(
    ("kind", "body", "who", "rule"),
    [
        ("objective.set", {**SET, "owner": 1}, "rep", "a_target_is_set_by_who_answers_for_it"),
        ("objective.set", {**SET, "version": 2, "owner": 1}, "cro", "a_version_of_a_target_follows_the_one_before"),
        ("objective.withdrawn", {}, "cro", "what_is_not_set_is_not_changed"),
    ],
)
def test_the_database_refuses_it_too(company, kind, body, who, rule):
    with pytest.raises(Error) as caught, transaction.atomic():
        append(lock("objective/900"), Draft(kind, body), by=company.by(who))
    assert caught.value.__cause__.diag.constraint_name == rule


def test_the_table_moves_by_entries_only(company, objective):
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_objective SET state = 'withdrawn'")
