"""Canonical bytes of an entry, and their hash.

RFC 8785 over a restricted domain (LEDGER.md 3) in which plain `json.dumps` is byte-identical to a full
canonicaliser: keys of [a-z0-9_], no floats, integers within ±(2^53−1), text NFC without NUL or lone surrogates.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from ledger.rules.problems import Fault, Problem

ZERO_HASH = bytes(32)
MAX_BYTES = 32 * 1024
MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1
_KEY = re.compile(r"[a-z0-9_]+\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC; exact, no float in between."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(us: int) -> datetime:
    """The inverse of `microseconds`."""
    return _EPOCH + us * _MICROSECOND


class _Outside(Exception):
    """What cannot be recorded; `path` grows from the inside out, so that only a refusal pays for it."""

    def __init__(self, why: str) -> None:
        self.why = why
        self.path: list[Any] = []


def domain(value: Any, pointer: str = "") -> Any:
    """The value in the restricted domain: days and moments become text and microseconds, text becomes NFC.

    Raises Problem `bad-input` for what cannot be recorded without loss.
    """
    try:
        return _plain(value, 0)
    except _Outside as found:
        at = pointer + "".join(f"/{step}" for step in reversed(found.path))
        fault = Fault(at or "/", "RECORD-1", f"{at or 'The value'} {found.why}.")
        raise Problem("bad-input", 422, "Some values cannot be recorded", fault.message, (fault,)) from None


def _plain(value: Any, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if depth > MAX_DEPTH:
        raise _Outside("is nested more than 8 levels deep")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise _Outside("is an integer beyond 2^53 − 1")
        return value
    if isinstance(value, (dict, Mapping)):
        return _members(value, depth + 1)
    if isinstance(value, (list, tuple)):
        return _items(value, depth + 1)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _Outside("is a moment without a time zone")
        return microseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    raise _Outside(f"is a {type(value).__name__}, which the record does not keep; use text or minor units")


def _members(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    members: dict[str, Any] = {}
    deep = depth > MAX_DEPTH
    for key, item in value.items():
        try:
            if not _is_key(key):
                raise _Outside("is not a key of a-z, 0-9 and _")
            # Nearly everything is one of these; the rest, and what is refused, takes the long way.
            kind = type(item)
            if kind is str:
                easy = not deep and item.isascii() and "\x00" not in item
            elif kind is int:
                easy = not deep and -MAX_INTEGER <= item <= MAX_INTEGER
            elif item is None or kind is bool:
                easy = True
            elif kind is dict and not deep:
                members[key] = _members(item, depth + 1)
                continue
            elif kind is list and not deep:
                members[key] = _items(item, depth + 1) if item else []
                continue
            else:
                easy = False
            members[key] = item if easy else _plain(item, depth)
        except _Outside as found:
            found.path.append(key)
            raise
    return members


def _items(value: Sequence[Any], depth: int) -> list[Any]:
    items = []
    for at, item in enumerate(value):
        try:
            easy = type(item) is dict and depth <= MAX_DEPTH
            items.append(_members(item, depth + 1) if easy else _plain(item, depth))
        except _Outside as found:
            found.path.append(at)
            raise
    return items


@lru_cache(maxsize=4096)
def _is_key(name: Any) -> bool:
    return isinstance(name, str) and _KEY.match(name) is not None


def _text(value: str) -> str:
    if value.isascii():
        if "\x00" in value:
            raise _Outside("contains a NUL character")
        return value
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _Outside("contains a NUL character or half a surrogate pair")
    return unicodedata.normalize("NFC", value)


def canonical(value: Mapping[str, Any]) -> bytes:
    """UTF-8 bytes of a value in the restricted domain; refuses an envelope over 32 KiB."""
    data = _ENCODER.encode(domain(value)).encode()
    if len(data) > MAX_BYTES:
        fault = Fault("/", "RECORD-2", f"The entry is {len(data)} bytes long; 32768 is the most. Shorten the text.")
        raise Problem("bad-input", 422, "Too much for one entry", fault.message, (fault,))
    return data


def entry_hash(envelope: bytes) -> bytes:
    """SHA-256 of 0x00 ‖ envelope: the chain link and, at once, the RFC 6962 leaf hash."""
    return hashlib.sha256(b"\x00" + envelope).digest()


def parse(envelope: bytes) -> dict[str, Any]:
    """The value of an envelope; duplicate keys are refused, because json would keep the last silently."""
    value: dict[str, Any] = json.loads(envelope, object_pairs_hook=_no_duplicates)
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an envelope repeats a key")
    return value
