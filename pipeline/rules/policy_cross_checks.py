"""Faults between the parts of a policy. They read the raw document, so that they are found beside faults of shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ledger.rules.problems import Fault
from pipeline.rules import conditions
from pipeline.rules.deal import CORE_FACTS
from pipeline.rules.policy import HISTORY, LOST
from pipeline.rules.policy_faults import (
    DUPLICATE,
    EXPRESSION,
    MISSING,
    UNKNOWN_KEY,
    UNKNOWN_NAME,
    UNUSED,
    WRONG_VALUE,
)

# Inputs that are columns of the deal, with the only type they can have.
CORE_INPUTS = {"amount": "money", "close_on": "date", "start_on": "date", "currency": "choice", "account": "integer"}
_RESERVED = (conditions.FIELDS | set(CORE_FACTS) | {"lines", "approvals", "today"}) - set(CORE_INPUTS)
_BINDABLE = {"amount", *CORE_FACTS}


def cross_faults(raw: Mapping[str, Any]) -> list[Fault]:
    """Every fault between parts, in the order of the checks."""
    return [fault for check in _CHECKS for fault in check(raw)]


def _items(value: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, list | tuple):
        for at, item in enumerate(value):
            if isinstance(item, Mapping):
                yield f"{path}/{at}", item


def _requirements(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, stage in _items(raw.get("stages"), "/stages"):
        yield from _items(stage.get("gate"), f"{path}/gate")


def _words(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def _keys(raw: Mapping[str, Any], part: str) -> set[str]:
    return set(_words([item.get("key") for _, item in _items(raw.get(part), "")]))


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _duplicates(raw: Mapping[str, Any]) -> Iterator[Fault]:
    lists = [(f"/{part}", raw.get(part), "key") for part in ("stages", "inputs", "milestones", "thresholds")]
    lists += [(f"{path}/gate", stage.get("gate"), "key") for path, stage in _items(raw.get("stages"), "/stages")]
    templates = list(_items(raw.get("milestones"), "/milestones"))
    lists += [(f"{path}/tolerance", item.get("tolerance"), "fact") for path, item in templates]
    for base, value, word in lists:
        seen: set[str] = set()
        for path, item in _items(value, base):
            key = _text(item, word)
            if key and key in seen:
                yield Fault(f"{path}/{word}", DUPLICATE, f"“{key[:40]}” stands twice. Rename or remove one.")
            seen.add(key)
    plain = [("/loss_reasons", raw.get("loss_reasons"))]
    plain += [(f"{path}/choices", item.get("choices")) for path, item in _items(raw.get("inputs"), "/inputs")]
    for name in ("binds", "evidence_kinds"):
        plain += [(f"{path}/{name}", item.get(name)) for path, item in templates]
    for base, value in plain:
        known: set[Any] = set()
        for at, entry in enumerate(value if isinstance(value, list | tuple) else ()):
            if isinstance(entry, str) and entry in known:
                yield Fault(f"{base}/{at}", DUPLICATE, f"“{entry[:40]}” stands twice. Remove one.")
            known.add(entry if isinstance(entry, str) else None)


def _stages(raw: Mapping[str, Any]) -> Iterator[Fault]:
    stages = _keys(raw, "stages")
    for path, item in _items(raw.get("stages"), "/stages"):
        if item.get("key") in (LOST, HISTORY):
            yield Fault(f"{path}/key", WRONG_VALUE, f"“{item['key']}” is a state of its own. Choose another key.")
    for path, item in _items(raw.get("milestones"), "/milestones"):
        planned = _text(item, "planned_in")
        if planned and planned not in stages:
            yield Fault(f"{path}/planned_in", UNKNOWN_NAME, f"“{planned[:40]}” is not a stage. Name one of the stages.")


def _references(raw: Mapping[str, Any]) -> Iterator[Fault]:
    inputs, milestones = _keys(raw, "inputs"), _keys(raw, "milestones")
    for path, item in _requirements(raw):
        key, kind = _text(item, "key"), item.get("kind")
        if kind == "input" and key and key not in inputs:
            yield Fault(f"{path}/key", UNKNOWN_NAME, f"“{key[:40]}” is not an input. Add it or mend its spelling.")
        if key == "hold" or key.startswith("hold-"):
            yield Fault(f"{path}/key", UNKNOWN_NAME, "Keys that begin with “hold” belong to holds. Name it otherwise.")
        if kind in ("milestone", "handshake") and key and key not in milestones:
            say = f"“{key[:40]}” is not a milestone. Add it to milestones or mend its spelling."
            yield Fault(f"{path}/key", UNKNOWN_NAME, say)
    for path, item in _items(raw.get("milestones"), "/milestones"):
        binds = _words(item.get("binds"))
        for at, fact in enumerate(item["binds"] if binds else ()):
            if isinstance(fact, str) and fact not in inputs and fact not in _BINDABLE:
                say = f"“{fact[:40]}” is not a fact of the deal. Bind an input or a fact such as amount."
                yield Fault(f"{path}/binds/{at}", UNKNOWN_NAME, say)
        for place, tolerance in _items(item.get("tolerance"), f"{path}/tolerance"):
            fact = _text(tolerance, "fact")
            if fact and fact not in binds:
                yield Fault(f"{place}/fact", UNKNOWN_NAME, f"“{fact[:40]}” has a tolerance and is not bound. Bind it.")


_BELONGS = {"expression": "condition", "message": "condition", "function": "attestation", "role": "approval"}
_NEEDS = {"condition": ("expression", "message"), "attestation": ("function",), "approval": ("role",)}


def _kinds(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Each kind has what it needs and nothing of another kind."""
    for path, item in _requirements(raw):
        kind = item.get("kind")
        if not isinstance(kind, str):
            continue
        for name in _NEEDS.get(kind, ()):
            if not item.get(name):
                yield Fault(f"{path}/{name}", MISSING, f"“{name}” is missing; a requirement of kind {kind} needs it.")
        for name, owner in {**_BELONGS, "above_minor": "approval"}.items():
            if item.get(name) not in (None, "") and kind != owner:
                say = f"“{name}” belongs to the kind {owner}, not to {kind[:40]}. Remove it."
                yield Fault(f"{path}/{name}", UNKNOWN_KEY, say)


def _expressions(raw: Mapping[str, Any]) -> Iterator[Fault]:
    known = _keys(raw, "inputs") | conditions.FIELDS
    for path, item in _requirements(raw):
        for name in ("applies_when", "expression"):
            source = _text(item, name)
            if not source:
                continue
            try:
                conditions.compile(source)
            except conditions.Uncompilable as error:
                yield Fault(f"{path}/{name}", EXPRESSION, str(error))
                continue
            strange = sorted(conditions.fields(source) - known)
            if strange:
                say = f"It reads {', '.join('deal.' + field[:40] for field in strange)}, which no deal has."
                yield Fault(f"{path}/{name}", EXPRESSION, say)


def _inputs(raw: Mapping[str, Any]) -> Iterator[Fault]:
    used = {_text(item, "key") for _, item in _requirements(raw) if item.get("kind") == "input"}
    for _, template in _items(raw.get("milestones"), ""):
        used |= set(_words(template.get("binds")))
    for _, rule in _requirements(raw):
        used |= conditions.fields(_text(rule, "applies_when")) | conditions.fields(_text(rule, "expression"))
    for path, item in _items(raw.get("inputs"), "/inputs"):
        key, kind = _text(item, "key"), item.get("type")
        if key and key not in used:
            yield Fault(path, UNUSED, f"The input “{key[:40]}” is used nowhere. Remove it or let a gate ask for it.")
        if key in _RESERVED:
            yield Fault(f"{path}/key", WRONG_VALUE, f"“{key}” is kept by the product itself. Choose another key.")
        if key in CORE_INPUTS and isinstance(kind, str) and kind != CORE_INPUTS[key]:
            yield Fault(f"{path}/type", WRONG_VALUE, f"“{key}” is always of type {CORE_INPUTS[key]}.")
        choices = _words(item.get("choices"))
        if kind == "choice" and len(choices) < 2:
            yield Fault(f"{path}/choices", MISSING, "A choice needs at least two choices.")
        if kind != "choice" and choices:
            yield Fault(f"{path}/choices", UNKNOWN_KEY, "Only an input of type choice has choices.")


def _delivery(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Shares that make a whole, each of a milestone that is known, and only where the profile asks for shares."""
    said = raw.get("delivery")
    if not isinstance(said, Mapping):
        return
    term, profile = _text(said, "term_input"), said.get("profile", "daily")
    if term and term not in _keys(raw, "inputs"):
        say = f"“{term[:40]}” is not an input. Name the input that says how long delivery takes."
        yield Fault("/delivery/term_input", UNKNOWN_NAME, say)
    parts = list(_items(said.get("shares"), "/delivery/shares"))
    if profile in ("daily", "monthly") and parts:
        say = f"The profile {profile} has no shares. Choose milestones or custom."
        yield Fault("/delivery/shares", UNKNOWN_KEY, say)
    if profile == "monthly" and said.get("term_unit", "months") != "months":
        yield Fault("/delivery/term_unit", WRONG_VALUE, "The profile monthly counts its term in months: say `months`.")
    if profile not in ("milestones", "custom"):
        return
    shares = [part.get("share") for _, part in parts]
    try:
        whole = sum(Decimal(str(share)) for share in shares if not isinstance(share, bool))
    except (InvalidOperation, ValueError):
        return  # a fault of shape, told already
    if whole != 1:
        yield Fault("/delivery/shares", WRONG_VALUE, "The shares make 1 together. Mend them.")
    for path, part in parts:
        key = _text(part, "milestone")
        if profile == "milestones" and key not in _keys(raw, "milestones"):
            yield Fault(f"{path}/milestone", UNKNOWN_NAME, f"“{key[:40]}” is not a milestone. Name one of them.")
        if profile == "custom" and key:
            yield Fault(f"{path}/milestone", UNKNOWN_KEY, "The profile custom counts days from the start: say `day`.")


_CHECKS = (_duplicates, _stages, _references, _kinds, _expressions, _inputs, _delivery)
