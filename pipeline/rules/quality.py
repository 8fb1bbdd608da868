"""The quality test: an answer that says nothing does not satisfy a gate."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ledger.rules.problems import Fault
from pipeline.rules.policy import Input

MISSING = "INPUT-1"
WRONG_TYPE = "INPUT-2"
UNDER_MINIMUM = "INPUT-3"
PLACEHOLDER = "INPUT-4"
EMPTY_SIGNS = "INPUT-5"
NO_CHOICE = "INPUT-6"
REPEATED = "INPUT-7"

REPEATS_ALLOWED = 2  # the same free text by one person in 7 days; the third deal is refused
_SMALLEST = {"integer": Decimal(0), "contact": Decimal(1), "text": Decimal(3)}
_EARLIEST, _LATEST = date(1990, 1, 1), date(2199, 12, 31)
_LONGEST_NUMBER = 40

_SAYS_NOTHING = """
na none null nil nothing nan tbd tba tbc tbf todo tobedecided tobedetermined tobeconfirmed tobeadded tobeannounced
notapplicable notavailable notknown notknownyet notyet notyetknown unknown undefined noidea dontknow idontknow idk
x xx xxx xyz xxy y z asd asdf asdfg asdfgh asdfghjkl asdfjkl sdf sdfg dfg qwe qwer qwert qwerty qwertz zxcv yxcv
hjkl jkl fghj test tests testing test1 test123 tester dummy sample example placeholder foo bar baz foobar blah
bla lorem loremipsum abc abcd abcde abc123 123 1234 12345 012 000 later pending open ok okay yes no fill fillme
fillin fillinlater seeabove seebelow seenotes asdiscussed text string value somevalue something anything stuff
"""  # without spaces, dots and slashes
PLACEHOLDERS = frozenset(_SAYS_NOTHING.split())


def test(field: Input, value: Any) -> Fault | None:
    """What is wrong with an answer, or None when it serves its decision.

    Stored values by type: `amount` integer minor units, other money and decimal an exact number or its text,
    integer int, date ISO day or date, text and choice str, contact the id of a contact. `field.minimum` counts in
    these units; for text in characters.
    """
    if value is None or value == "":
        return _fault(field, MISSING, f"{field.name} is not given yet.")
    if isinstance(value, str):
        junk = _junk(field, value)
        if junk is not None:
            return junk
    if field.type in ("integer", "contact"):
        if isinstance(value, bool) or not isinstance(value, int):
            return _fault(field, WRONG_TYPE, f"{field.name} needs {_EXPECTED[field.type]}.")
        return _under(field, Decimal(value))
    if field.type in ("decimal", "money"):
        number = _decimal(value)
        return _under(field, number) if number is not None else _type_fault(field)
    if field.type == "date":
        return _day_fault(field, value)
    if not isinstance(value, str):
        return _type_fault(field)
    if field.type == "choice":
        return None if value in field.choices else _choice_fault(field)
    return _under(field, Decimal(len(_bare(value))))


def repeated(field: Input, value: Any, count: int) -> Fault | None:
    """The same free text on 3 or more deals by one person in 7 days. The caller counts the deals, this one included."""
    if field.type != "text" or not isinstance(value, str) or count <= REPEATS_ALLOWED:
        return None
    say = f"The same text stands on {count} deals of one person within 7 days. Say what is true of this deal."
    return _fault(field, REPEATED, say)


def is_placeholder(text: str) -> bool:
    """True for n/a, tbd, x, asdf, -, ?, test, aaaa, asdfasdf and their like, whatever case, width or punctuation."""
    core = "".join(mark for mark in _bare(text).casefold() if mark.isalnum())
    if not core:
        return True
    period = _period(core)
    return core in PLACEHOLDERS or len(period) == 1 or (period != core and len(period) > 1 and period in PLACEHOLDERS)


_EXPECTED = {
    "money": "an amount",
    "integer": "a whole number",
    "contact": "a contact of the account, chosen from the list",
    "decimal": "a number",
    "date": "a day such as 2026-11-24",
    "text": "a text",
    "choice": "one of its choices",
}


def _junk(field: Input, value: str) -> Fault | None:
    bare = _bare(value)
    if not bare:
        return _fault(field, EMPTY_SIGNS, f"{field.name} holds only spaces or invisible signs. Say what is known.")
    if field.type == "choice" and value in field.choices:
        return None
    if any(mark.isalnum() for mark in bare):
        numeric = field.type in ("decimal", "date", "integer", "money", "contact")
        if (numeric and any(mark.isdigit() for mark in bare)) or not is_placeholder(value):
            return None
    say = f"“{bare[:40]}” does not answer this. If it is not known yet, say who will know and by when."
    return _fault(field, PLACEHOLDER, say)


def _under(field: Input, number: Decimal) -> Fault | None:
    if field.type == "money" and number <= 0:
        return _fault(field, UNDER_MINIMUM, f"{field.name} is greater than zero.")
    least = field.minimum if field.minimum is not None else _SMALLEST.get(field.type)
    if least is None or number >= least:
        return None
    if field.type == "text":
        return _fault(field, UNDER_MINIMUM, f"{field.name} is too short to be used: at least {least} characters.")
    if field.type in ("money", "contact"):
        return _fault(field, UNDER_MINIMUM, f"{field.name} is under the smallest value that can be true.")
    return _fault(field, UNDER_MINIMUM, f"{field.name} is under its minimum of {least}.")


def _day_fault(field: Input, value: Any) -> Fault | None:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return _type_fault(field)
    if isinstance(value, datetime) or not isinstance(value, date):
        return _type_fault(field)
    if _EARLIEST <= value <= _LATEST:
        return None
    return _fault(field, UNDER_MINIMUM, f"{field.name} lies outside {_EARLIEST.year} to {_LATEST.year}.")


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def _type_fault(field: Input) -> Fault:
    return _fault(field, WRONG_TYPE, f"{field.name} needs {_EXPECTED.get(field.type, 'another sort of value')}.")


def _choice_fault(field: Input) -> Fault:
    return _fault(field, NO_CHOICE, f"{field.name} is one of: {', '.join(field.choices)}.")


def _fault(field: Input, code: str, message: str) -> Fault:
    return Fault(f"/{field.key}", code, message)


def _bare(text: str) -> str:
    """NFKC without format, control and unassigned characters, trimmed."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(mark for mark in folded if mark.isspace() or unicodedata.category(mark)[0] != "C").strip()


def _period(text: str) -> str:
    """The shortest piece that, repeated, makes up the text."""
    at = (text + text).find(text, 1)
    return text[:at]
