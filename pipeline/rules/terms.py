"""The terms that functions attest to: one fingerprint over what would bind the company.

Here also lives the canonical form that fingerprints are taken over, since the gate hashes in the same way.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from pipeline.rules.deal import DealView, Line

_LARGEST_BITS = 4096  # Python refuses to print longer integers
_LARGE = 2**63
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def fingerprint(deal: DealView) -> str:
    """Sha256, 64 hex digits, of account, money, dates, unit, lines and every input of the deal.

    Owner, stage and version are no terms: they may change without asking anybody to sign again. The order of
    lines and of inputs does not matter; an input that was cleared equals one that was never given. An erasable
    text counts by its id, so that erasing it changes no terms and nobody can test a guess of it.
    """
    return digest(
        {
            "account": deal.account,
            "amount_minor": deal.amount_minor,
            "currency": deal.currency,
            "close_on": deal.close_on,
            "start_on": deal.start_on,
            "unit": deal.unit,
            "lines": sorted((_line(line) for line in deal.lines), key=str),
            "inputs": inputs(deal),
        }
    )


def inputs(deal: DealView) -> dict[str, Any]:
    """The inputs that are given, an erasable text as `{"private": id}`, as entries state them."""
    given = {key: value for key, value in deal.inputs.items() if value is not None}
    return given | {key: {"private": identity} for key, identity in deal.private.items()}


def _line(line: Line) -> Any:
    return plain([line.product, line.name, line.quantity, line.price_minor])


def digest(value: Any) -> str:
    """Sha256, 64 hex digits, of the canonical JSON of any value. Total: it never raises for finite values."""
    return sha256(_ENCODER.encode(plain(value)).encode("ascii")).hexdigest()


def plain(value: Any) -> Any:
    """JSON-safe form without floats: days and moments as ISO 8601, decimals as strings, text in NFC."""
    # Nearly everything is one of these.
    kind = type(value)
    if value is None or kind is bool or (kind is str and value.isascii()):
        return value
    if kind is int and -_LARGE < value < _LARGE:
        return value
    if kind is dict:
        return {str(key): plain(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [plain(item) for item in value]
    if kind is date:
        return value.isoformat()
    if isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
        return hex(value)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, float):
        return decimal_text(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    return str(value)


def decimal_text(value: Decimal) -> str:
    """The shortest plain text of a decimal: 0.050 → "0.05", 1E+2 → "100"; absurd exponents stay in E notation."""
    if not value.is_finite() or abs(value.adjusted()) > 60:
        return str(value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
