"""What is ambiguous or cannot be stored is refused with a sentence, and never as a fault of ours."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ledger.strict_json import loads


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[1e999]", "too large"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'"\\ud800"', "surrogate"),
        (b"[" * 100_000, "deeper|valid JSON"),
        (b"[" * 500 + b"]" * 500, "deeper"),
        (b"9" * 5000, "too large"),
        (b"{", "valid JSON"),
        (b"", "valid JSON"),
    ],
)
def test_refused(body: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        loads(body)


_plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | _plain,
    lambda inner: st.lists(inner) | st.dictionaries(_plain, inner),
    max_leaves=20,
)


@given(_values)
def test_everything_else_is_read_as_it_was_written(value: object) -> None:
    assert loads(json.dumps(value).encode()) == value


@given(st.binary())
def test_any_bytes_give_a_value_or_a_sentence(body: bytes) -> None:
    with contextlib.suppress(ValueError):  # any other exception would be a fault of ours
        loads(body)
