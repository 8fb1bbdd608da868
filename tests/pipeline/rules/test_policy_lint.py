from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.rules.policy import Input, MilestoneTemplate, Policy, Stage
from pipeline.rules.policy_lint import Usage, gating_inputs, lint
from tests.pipeline.rules.cases import POLICY, rule, small

ENOUGH = {(function, unit): 2 for function in ("sales", "operations", "finance") for unit in ("east", "west")}


def found(policy, eligible=None, usage=None):
    report = lint(policy, eligible_verifiers=eligible, usage=usage)
    return [(finding.code, finding.path) for finding in (*report.errors, *report.warnings)]


def lawful(*gate, **parts) -> Policy:
    signed = [rule(f"attested-{name}", "attestation", function=name) for name in ("sales", "operations", "finance")]
    return small(*gate, *signed, **parts)


def inputs(count):
    return {f"f{at}": Input(f"f{at}", f"F{at}", "text", "sales", "something") for at in range(count)}


def test_the_default_policy_is_clean():
    report = lint(POLICY, eligible_verifiers=ENOUGH)
    assert (report.errors, report.warnings, report.inputs) == ((), (), 8)
    assert report.publishable
    assert len(gating_inputs(POLICY)) == 7


def test_the_eleventh_input():
    eleven = inputs(11)
    assert found(lawful(*(rule(key, "input") for key in eleven), inputs=eleven)) == [
        ("E1", "/inputs"),
        ("W2", "/inputs"),
    ]
    ten = inputs(10)
    assert found(lawful(*(rule(key, "input") for key in ten), inputs=ten)) == [("W2", "/inputs")]
    seven = inputs(7)
    assert found(lawful(*(rule(key, "input") for key in seven), inputs=seven)) == []


def test_inputs_that_only_a_condition_reads_gate_too():
    eight = inputs(8)
    read = rule("c", "condition", expression="deal.f7 != null", message="No.")
    assert found(lawful(*(rule(key, "input") for key in list(eight)[:7]), read, inputs=eight)) == [("W2", "/inputs")]


def test_inputs_without_owner_or_decision():
    bare = {"f0": Input("f0", "F", "text", "", " ")}
    assert found(lawful(rule("f0", "input"), inputs=bare)) == [
        ("E2", "/inputs/0/owner_function"),
        ("E3", "/inputs/0/decides"),
    ]


def test_milestones_need_lead_time_and_an_owner():
    template = MilestoneTemplate("m", "M", "", "one", "stage_entry", 5, 0)
    assert found(lawful(rule("m", "milestone"), milestones={"m": template})) == [
        ("E4", "/milestones/0/lead_days"),
        ("E9", "/milestones/0/owner_function"),
    ]


@pytest.mark.parametrize(
    ("eligible", "expected"),
    [
        (None, []),
        ({("finance", "east"): 2, ("finance", "west"): 3}, []),
        ({("finance", "east"): 2, ("finance", "west"): 1}, [("E5", "/milestones/0/owner_function")]),
        ({("finance", "east"): 2, ("sales", "west"): 9}, [("E5", "/milestones/0/owner_function")]),
        ({}, [("E5", "/milestones/0/owner_function")]),
    ],
)
def test_two_verifiers_in_each_unit(eligible, expected):
    template = MilestoneTemplate("m", "M", "finance", "one", "stage_entry", 5, 3)
    assert found(lawful(rule("m", "milestone"), milestones={"m": template}), eligible) == expected


def test_stages_that_cannot_be_reached():
    late = MilestoneTemplate("late", "Late", "finance", "two", "stage_entry", 5, 3)
    never = rule("never", "condition", expression="1 > 2", message="No.")
    policy = lawful(rule("late", "milestone"), rule("gone", "milestone"), never, milestones={"late": late})
    assert found(policy) == [("E6", "/stages/1/gate/0"), ("E6", "/stages/1/gate/1"), ("E6", "/stages/1/gate/2")]
    first = replace(policy, stages=(Stage("one", "One", (rule("x", "capacity"),)), lawful().stages[1]), milestones={})
    assert found(first) == [("E6", "/stages/0/gate")]


def test_conditions_that_cannot_be_compiled():
    policy = lawful(
        rule("a", "condition", expression="deal.amount >", message="No."),
        rule("b", "condition", message="No."),
        rule("c", "capacity", applies_when="deal.typo == 1"),
    )
    assert found(policy) == [
        ("E7", "/stages/1/gate/0/expression"),
        ("E7", "/stages/1/gate/1/expression"),
        ("E7", "/stages/1/gate/2/applies_when"),
    ]


def test_booked_is_attested_by_three_functions():
    policy = small(
        rule("attested-sales", "attestation", function="sales"),
        rule("attested-finance", "attestation", function="finance", applies_when="deal.amount > 1.0"),
    )
    report = lint(policy, eligible_verifiers=None)
    assert [(finding.code, finding.message) for finding in report.errors] == [
        ("E8", "Booked is not attested by operations."),
        ("E8", "Booked is not attested by finance."),
    ]
    assert not report.publishable


def test_nothing_waits_on_nobody():
    policy = lawful(rule("c", "capacity", owner_function="", sentence="", remedy=" "))
    assert found(policy) == [
        ("E9", "/stages/1/gate/0/owner_function"),
        ("E9", "/stages/1/gate/0/sentence"),
        ("E9", "/stages/1/gate/0/remedy"),
    ]


def test_warnings_by_use():
    one = inputs(1)
    policy = lawful(rule("f0", "input"), inputs=one)
    at_limit = {"f0": Usage(Decimal("0.10"), Decimal("0.90"), 89)}
    over = {"f0": Usage(Decimal("0.38"), Decimal("0.91"), 90)}
    assert found(policy, usage=at_limit) == []
    assert found(policy, usage=over) == [("W1", "/inputs/0"), ("W3", "/inputs/0"), ("W4", "/inputs/0")]
    report = lint(policy, eligible_verifiers=None, usage=over)
    assert report.warnings[0].message == "38 % of the answers to F0 are placeholders."
    assert report.publishable
