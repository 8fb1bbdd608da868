"""What can be wrong with a policy document, in words: one fault a path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ledger.rules.problems import Fault, Problem

LARGEST_BYTES = 24 * 1024

MISSING = "POLICY-1"
UNKNOWN_KEY = "POLICY-2"
WRONG_VALUE = "POLICY-3"
DUPLICATE = "POLICY-4"
UNKNOWN_NAME = "POLICY-5"
UNUSED = "POLICY-6"
EXPRESSION = "POLICY-7"
SYNTAX = "POLICY-8"
TOO_LARGE = "POLICY-9"


def invalid(faults: list[Fault]) -> Problem:
    ordered = tuple(dict.fromkeys(faults))
    count = "One fault" if len(ordered) == 1 else f"{len(ordered)} faults"
    return Problem("policy-invalid", 422, "The policy cannot be read", f"{count} to mend.", ordered)


def too_large() -> Fault:
    return Fault("", TOO_LARGE, f"A policy has at most {LARGEST_BYTES // 1024} KiB. Shorten it.")


def shape_faults(error: ValidationError) -> list[Fault]:
    """One fault a path."""
    faults: dict[str, Fault] = {}
    for item in error.errors(include_url=False):
        path = "".join(f"/{token(str(part))}" for part in item["loc"])
        faults.setdefault(path, _shape_fault(path, str(item["loc"][-1]) if item["loc"] else "", item))
    return list(faults.values())


def _shape_fault(path: str, name: str, item: Mapping[str, Any]) -> Fault:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "missing":
        return Fault(path, MISSING, f"“{name}” is missing. Add it.")
    if kind == "extra_forbidden":
        return Fault(path, UNKNOWN_KEY, f"“{name[:40]}” is not a key that stands here. Remove it or mend its spelling.")
    if kind == "literal_error":
        return Fault(path, WRONG_VALUE, f"“{name}” is one of {context.get('expected', 'its words')}.")
    if kind == "string_pattern_mismatch":
        return Fault(path, WRONG_VALUE, f"“{name}” is written in small letters, digits and single dashes.")
    if kind == "value_error":
        return Fault(path, WRONG_VALUE, f"“{name}”: {context.get('error', item['msg'])}")
    if kind == "bool_type":
        return Fault(path, WRONG_VALUE, f"“{name}” is true or false.")
    if kind == "string_type":
        return Fault(path, WRONG_VALUE, f"“{name}” is a text; put it in quotes.")
    return Fault(path, WRONG_VALUE, f"“{name}”: {item['msg'].replace('Input should', 'It should')}.")


def token(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
