"""Canonical bytes of an entry, and their hash.

RFC 8785 over a restricted domain (LEDGER.md 3) in which plain `json.dumps` is byte-identical to a full
canonicaliser: keys of [a-z0-9_], no floats, integers within ±(2^53−1), text NFC without NUL or lone surrogates.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ledger.rules.problems import Fault, Problem

ZERO_HASH = bytes(32)
MAX_BYTES = 32 * 1024
MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1
_KEY = re.compile(r"[a-z0-9_]+\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC; exact, no float in between."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(us: int) -> datetime:
    """The inverse of `microseconds`."""
    return _EPOCH + us * _MICROSECOND


def domain(value: Any, pointer: str = "", depth: int = 0) -> Any:
    """The value in the restricted domain: days and moments become text and microseconds, text becomes NFC.

    Raises Problem `outside-the-record` for what cannot be recorded without loss.
    """
    if value is None or value is True or value is False:
        return value
    if depth > MAX_DEPTH:
        raise _outside(pointer, "is nested more than 8 levels deep")
    if isinstance(value, str):
        return _text(value, pointer)
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise _outside(pointer, "is an integer beyond 2^53 − 1")
        return value
    if isinstance(value, datetime):
        return microseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key, pointer): domain(item, f"{pointer}/{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [domain(item, f"{pointer}/{at}", depth + 1) for at, item in enumerate(value)]
    raise _outside(pointer, f"is a {type(value).__name__}, which the record does not keep; use text or minor units")


def _key(key: Any, pointer: str) -> str:
    if not isinstance(key, str) or not _KEY.match(key):
        raise _outside(f"{pointer}/{key}", "is not a key of a-z, 0-9 and _")
    return key


def _text(value: str, pointer: str) -> str:
    if value.isascii():
        if "\x00" in value:
            raise _outside(pointer, "contains a NUL character")
        return value
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _outside(pointer, "contains a NUL character or half a surrogate pair")
    return unicodedata.normalize("NFC", value)


def _outside(pointer: str, why: str) -> Problem:
    fault = Fault(pointer or "/", "RECORD-1", f"{pointer or 'The value'} {why}.")
    return Problem("bad-input", 422, "Some values cannot be recorded", fault.message, (fault,))


def canonical(value: Mapping[str, Any]) -> bytes:
    """UTF-8 bytes of a value in the restricted domain; refuses an envelope over 32 KiB."""
    data = json.dumps(
        domain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
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
