"""The restricted domain: what it keeps, what it refuses and where, and that its bytes are canonical."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.envelope import MAX_BYTES, MAX_INTEGER, canonical, domain, microseconds, moment, parse
from ledger.rules.problems import Problem

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
KEYS = st.from_regex(r"\A[a-z0-9_]{1,12}\Z")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)


@given(st.dictionaries(KEYS, PLAIN, max_size=5).filter(lambda value: depth(value) <= 8))
def test_bytes_are_those_of_rfc_8785(value):
    data = canonical(value)
    assert data == rfc8785.dumps(domain(value))
    assert parse(data) == domain(value)


def test_days_moments_and_text_take_one_form():
    said = domain(
        {"day": date(2026, 11, 30), "at": datetime(1970, 1, 2, tzinfo=UTC), "text": "e\u0301", "pair": (1, 2)}
    )
    assert said == {"day": "2026-11-30", "at": 86_400_000_000, "text": "é", "pair": [1, 2]}


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"a": {"b": [0, 1.5]}}, "/a/b/1"),
        ({"a": {"Bad": 1}}, "/a/Bad"),
        ({"a": {1: 1}}, "/a/1"),
        ({"a": 2**53}, "/a"),
        ({"a": ["x\x00"]}, "/a/0"),
        ({"a": "\ud800"}, "/a"),
        (1.5, "/"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(value, pointer):
    with pytest.raises(Problem) as refused:
        domain(value)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_nesting_ends_at_eight():
    value = 1
    for _ in range(8):
        value = {"a": value}
    assert json.loads(canonical(value)) == value
    with pytest.raises(Problem):
        domain({"a": value})


def test_a_long_envelope_is_refused():
    with pytest.raises(Problem, match="32768"):
        canonical({"a": "x" * 33_000})


def test_a_repeated_key_is_no_envelope():
    with pytest.raises(ValueError, match="repeats"):
        parse(b'{"a":1,"a":2}')


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_moments_are_exact(at):
    assert moment(microseconds(at)) == at


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), float("inf"), Decimal("1.5"), -(2**53), b"x", {1, 2}, object(), timedelta(1),
     datetime(2027, 1, 1), {"key ": 1}, {"": 1}, {"ä": 1}],
)  # fmt: skip
def test_what_would_be_kept_with_loss_is_refused(value):
    with pytest.raises(Problem) as refused:
        canonical({"body": {"x": value}})
    assert refused.value.status == 422
    assert refused.value.faults[0].pointer.startswith("/body/x")


def test_a_value_inside_itself_is_refused():
    bottomless = []
    bottomless.append(bottomless)
    with pytest.raises(Problem):
        canonical({"body": bottomless})


def test_the_longest_envelope_is_counted_in_bytes():
    room = MAX_BYTES - len(canonical({"x": ""}))
    assert len(canonical({"x": "a" * room})) == MAX_BYTES
    with pytest.raises(Problem):
        canonical({"x": "a" * (room + 1)})
    with pytest.raises(Problem):
        canonical({"x": "ä" * (room // 2 + 1)})
