from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from pipeline.rules import quality
from pipeline.rules.policy import Input


def field(kind: str, **more) -> Input:
    return Input("need", "Need", kind, "sales", "what is delivered", **more)


@pytest.mark.parametrize(
    "junk",
    [
        "n/a", "N/A", "n.a.", "N / A", "ｎ／ａ", "tbd", "TBD!", "t.b.d.", "x", "XXX", "asdf", "asdfasdf",
        "qwerty", "-", "—", "none", "None.", "test", "Test 1", "?", "???", "...", "aaaaaaa", "1111",
        "zzz zzz", "to be decided", "n\u200b/a", "(unknown)", "abcabc", "🙂", "_", "lorem ipsum", "0",
    ],
)  # fmt: skip
def test_placeholders_answer_nothing(junk):
    fault = quality.test(field("text"), junk)
    assert fault is not None
    assert (fault.pointer, fault.code) == ("/need", "INPUT-4")
    assert fault.message.endswith("does not answer this. If it is not known yet, say who will know and by when.")


def test_the_sentence_quotes_what_was_typed():
    fault = quality.test(field("text"), " n/a ")
    assert fault is not None
    assert fault.message == ("“n/a” does not answer this. If it is not known yet, say who will know and by when.")


@pytest.mark.parametrize("blank", ["   ", "\u200b\u200d", "\u00a0", "\ufeff", "\t\n"])
def test_invisible_signs_are_nothing(blank):
    fault = quality.test(field("text"), blank)
    assert fault is not None
    assert fault.code == "INPUT-5"


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_is_missing(nothing):
    fault = quality.test(field("text"), nothing)
    assert fault is not None
    assert (fault.code, fault.message) == ("INPUT-1", "Need is not given yet.")


@pytest.mark.parametrize(
    "text", ["Two pallet lines", "Xerox devices", "Test bench for valves", "需要两条生产线", "Tbilisi office"]
)
def test_true_answers_pass(text):
    assert quality.test(field("text"), text) is None


def test_a_text_has_a_least_length_in_visible_characters():
    assert quality.test(field("text", minimum=Decimal(12)), "Two pallets\u200b\u200b\u200b").code == "INPUT-3"  # type: ignore[union-attr]
    assert quality.test(field("text", minimum=Decimal(12)), "Two pallets!") is None
    assert quality.test(field("text"), "ab").code == "INPUT-3"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("money", 1, None),
        ("money", 0, "INPUT-3"),
        ("money", -5, "INPUT-3"),
        ("money", 1.5, "INPUT-2"),
        ("money", True, "INPUT-2"),
        ("money", "100.50", None),
        ("money", "0.00", "INPUT-3"),
        ("money", "a lot", "INPUT-2"),
        ("integer", 0, None),
        ("integer", "tbd", "INPUT-4"),
        ("integer", -1, "INPUT-3"),
        ("decimal", "0.5", None),
        ("decimal", Decimal("1111"), None),
        ("decimal", "1111", None),
        ("decimal", "abc def", "INPUT-2"),
        ("decimal", "NaN", "INPUT-4"),
        ("decimal", Decimal("Infinity"), "INPUT-2"),
        ("decimal", 0.5, "INPUT-2"),
        ("date", "2026-11-24", None),
        ("date", date(2026, 11, 24), None),
        ("date", "24.11.2026", "INPUT-2"),
        ("date", datetime(2026, 11, 24), "INPUT-2"),
        ("date", "0001-01-01", "INPUT-3"),
        ("date", "9999-12-31", "INPUT-3"),
        ("contact", 12, None),
        ("contact", 0, "INPUT-3"),
        ("contact", "the boss", "INPUT-2"),
        ("choice", "monthly", None),
        ("choice", "none", None),
        ("choice", "weekly", "INPUT-6"),
        ("choice", "tbd", "INPUT-4"),
        ("choice", 3, "INPUT-2"),
        ("text", 3, "INPUT-2"),
    ],
)
def test_types(kind, value, code):
    fault = quality.test(field(kind, choices=("monthly", "none")), value)
    assert (fault.code if fault else None) == code


def test_minimum_of_a_number():
    fault = quality.test(field("integer", minimum=Decimal(2)), 1)
    assert fault is not None
    assert fault.message == "Need is under its minimum of 2."


def test_the_third_deal_with_the_same_text_is_refused():
    assert quality.repeated(field("text"), "Grow the market share", 2) is None
    fault = quality.repeated(field("text"), "Grow the market share", 3)
    assert fault is not None
    assert fault.code == "INPUT-7"
    assert quality.repeated(field("choice"), "monthly", 50) is None
