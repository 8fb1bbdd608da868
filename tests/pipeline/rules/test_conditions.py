from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.rules import conditions
from pipeline.rules.deal import Line
from tests.pipeline.rules.cases import NOW, POLICY, deal

LINES = (Line(1, "Line", 2, 150_000_00),)


def judge(expression, view=None, approvals=()):
    view = view or deal(lines=LINES)
    return conditions.evaluate(expression, conditions.context(POLICY, view, now=NOW, approvals=approvals), view)


@pytest.mark.parametrize(
    "expression",
    [
        "deal.amount == 250000.0",
        "deal.amount > 249999 && deal.amount <= 250000",
        "deal.amount_minor == 25000000",
        "deal.value_minor > deal.amount_minor",
        'deal.currency == "EUR" && deal.unit == "east" && deal.stage == "commit"',
        "deal.close_on < deal.start_on && today < deal.close_on",
        "deal.discount > 0.16 && deal.discount < 0.17",
        "deal.delivery_units * deal.delivery_months == 360",
        'deal.billing_terms in ["monthly", "quarterly"]',
        "lines.exists(l, l.quantity > 1) && size(lines) == 1",
        "deal.account == 8",
        'today == "2026-11-22"',
        "size(approvals) == 0",
    ],
)
def test_what_expressions_see(expression):
    assert judge(expression) == conditions.Outcome(True)


def test_approvals():
    expression = 'deal.discount <= 0.1 || "cfo" in approvals'
    assert judge(expression).holds is False
    assert judge(expression, approvals={"cfo"}).holds is True


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("deal.close_on < deal.start_on", "The rule cannot be judged yet: Close date and Start date are not known."),
        ("deal.amount > 5.0", "The rule cannot be judged yet: Amount is not known."),
        ("1 / 0 == 1", "The rule cannot be judged with the values of this deal."),
        ("today", "The rule does not answer yes or no."),
        ("lines[5].quantity > 1", "The rule cannot be judged with the values of this deal."),
        ("nonsense(", "The rule cannot be judged: The expression cannot be read at line 1, column"),
    ],
)
def test_trouble_is_a_sentence(expression, words):
    view = deal(amount_minor=None, close_on=None, start_on=None)
    outcome = judge(expression, view)
    assert outcome.holds is None
    assert outcome.trouble.startswith(words)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "The expression is empty."),
        ("1 +", "The expression cannot be read at line 1, column"),
        ("deals.amount > 1", "It speaks of deals"),
        ("launch(deal)", "It calls launch"),
        ("true || " * 80 + "true", "The expression has 644 characters"),
        ("lines.all(a, lines.all(b, lines.all(c, lines.all(d, true))))", "The expression walks lists 4 times"),
    ],
)
def test_what_cannot_be_compiled(expression, words):
    with pytest.raises(conditions.Uncompilable) as caught:
        conditions.compile(expression)
    assert str(caught.value).startswith(words)


def test_programs_are_compiled_once():
    assert conditions.compile("deal.amount > 1.0") is conditions.compile("deal.amount > 1.0")


def test_fields_are_found_outside_texts():
    assert conditions.fields('deal.need != "deal.other" && deal . amount > 1.0') == {"need", "amount"}


def test_inputs_cannot_pose_as_facts():
    view = deal(inputs={"stage": "booked", "amount_minor": 1})
    assert judge('deal.stage == "commit" && deal.amount_minor == 25000000', view).holds is True


def test_discount():
    assert conditions.discount(deal(lines=LINES)) == 1 - Decimal(25) / Decimal(30)
    assert conditions.discount(deal()) is None
    assert conditions.discount(deal(inputs={"discount": "0.15"})) == Decimal("0.15")


def test_always_false():
    assert conditions.always_false("1 > 2")
    assert not conditions.always_false("deal.amount > 2.0")
    assert not conditions.always_false("((")
