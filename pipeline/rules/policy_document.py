"""A policy document and a Policy: read, with every fault and its path at once, and written back byte by byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

import yaml
from pydantic import ValidationError

from ledger.rules.problems import Fault, Problem
from pipeline.rules import conditions, terms
from pipeline.rules.deal import CORE_FACTS
from pipeline.rules.policy import HISTORY, LOST, Input, MilestoneTemplate, Policy, Requirement, Stage
from pipeline.rules.policy_schema import (
    InputModel,
    MilestoneModel,
    PolicyModel,
    RequirementModel,
    StageModel,
)

LARGEST_BYTES = 24 * 1024
DEEPEST = 12  # levels of a document that is still read

MISSING = "POLICY-1"
UNKNOWN_KEY = "POLICY-2"
WRONG_VALUE = "POLICY-3"
DUPLICATE = "POLICY-4"
UNKNOWN_NAME = "POLICY-5"
UNUSED = "POLICY-6"
EXPRESSION = "POLICY-7"
SYNTAX = "POLICY-8"
TOO_LARGE = "POLICY-9"

# Inputs that are columns of the deal, with the only type they can have.
CORE_INPUTS = {"amount": "money", "close_on": "date", "start_on": "date", "currency": "choice", "account": "integer"}
_RESERVED = (conditions.FIELDS | set(CORE_FACTS) | {"lines", "approvals", "today"}) - set(CORE_INPUTS)
_BINDABLE = {"amount", *CORE_FACTS}


def load(document: str | Mapping[str, Any], version: int = 0) -> Policy:
    """The Policy of a YAML text or of a parsed mapping, with its content hash.

    Raises Problem "policy-invalid" (422) with every fault at once; pointers are JSON pointers into the document,
    such as `/stages/1/gate/0/expression`. Aliases, duplicate keys and more than 24 KiB are refused.
    """
    faults: list[Fault] = []
    raw = _read(document, faults) if isinstance(document, str) else _sized(document, faults)
    if not isinstance(raw, Mapping):
        if not faults:
            faults.append(Fault("", WRONG_VALUE, "This is not a policy: keys such as name and stages are needed."))
        raise _invalid(faults)
    model: PolicyModel | None = None
    try:
        model = PolicyModel.model_validate(dict(raw))
    except ValidationError as error:
        faults += _shape_faults(error)
    known = {fault.pointer for fault in faults}
    faults += [fault for fault in _cross_faults(raw) if fault.pointer not in known]
    if model is None or faults:
        raise _invalid(faults)
    policy = _policy(model, version)
    if len(_bytes(canonical(policy))) > LARGEST_BYTES:
        raise _invalid([_too_large()])
    return policy


def canonical(policy: Policy | Mapping[str, Any]) -> dict[str, Any]:
    """The JSON-safe form that is hashed, signed and kept: no floats, decimals as strings, defaults left out.

    Five levels deep; object keys are fixed words of [a-z_]. A mapping is loaded first and may raise as `load` does.
    """
    if not isinstance(policy, Policy):
        policy = load(policy)
    return {
        "name": policy.name,
        "stages": [
            {"key": stage.key, "name": stage.name, "gate": [_lean(RequirementModel, rule) for rule in stage.gate]}
            for stage in policy.stages
        ],
        "inputs": [_lean(InputModel, field) for field in policy.inputs.values()],
        "milestones": [_lean(MilestoneModel, template) for template in policy.milestones.values()],
        "loss_reasons": list(policy.loss_reasons),
        "booked_definition": policy.booked_definition,
        "thresholds": [{"key": key, "value": terms.decimal_text(value)} for key, value in policy.thresholds.items()],
    }


def from_canonical(form: Mapping[str, Any], version: int) -> Policy:
    """The Policy of a canonical form: the inverse of `canonical`. Raises Problem when it has another shape.

    What was published once is not judged again by today's cross checks, so that old versions stay readable.
    """
    try:
        return _policy(PolicyModel.model_validate(dict(form)), version)
    except ValidationError as error:
        raise _invalid(_shape_faults(error)) from None


def content_hash(form: Mapping[str, Any]) -> str:
    """Sha256, 64 hex digits, of a canonical form."""
    return sha256(_bytes(form)).hexdigest()


# From model to policy and back


def _policy(model: PolicyModel, version: int) -> Policy:
    bare = Policy(
        name=model.name,
        version=version,
        hash="",
        stages=tuple(_stage(stage) for stage in model.stages),
        inputs={field.key: Input(**{**dict(field), "choices": tuple(field.choices)}) for field in model.inputs},
        milestones={template.key: _milestone(template) for template in model.milestones},
        loss_reasons=tuple(model.loss_reasons),
        booked_definition=model.booked_definition,
        thresholds={threshold.key: threshold.value for threshold in model.thresholds},
    )
    values = {name: getattr(bare, name) for name in Policy.__slots__}
    return Policy(**{**values, "hash": content_hash(canonical(bare))})


def _stage(model: StageModel) -> Stage:
    return Stage(model.key, model.name, tuple(Requirement(**dict(rule)) for rule in model.gate))


def _milestone(model: MilestoneModel) -> MilestoneTemplate:
    values = dict(model) | {
        "evidence_kinds": tuple(model.evidence_kinds),
        "binds": tuple(model.binds),
        "tolerance": {item.fact: item.share for item in model.tolerance},
    }
    return MilestoneTemplate(**values)


def _lean(model: type[InputModel] | type[MilestoneModel] | type[RequirementModel], value: Any) -> dict[str, Any]:
    """The fields of a frozen value that differ from their default, in JSON-safe form."""
    form: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        item = getattr(value, name)
        if name == "tolerance":
            item = [{"fact": fact, "share": share} for fact, share in item.items()]
        item = list(item) if isinstance(item, tuple) else item
        if field.is_required() or item != field.default:
            form[name] = terms.plain(item)
    return form


def _bytes(form: Mapping[str, Any]) -> bytes:
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


# Reading


class _Loader(yaml.SafeLoader):
    """Composes nodes only; values are built below, with their paths."""


def _read(text: str, faults: list[Fault]) -> Any:
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_BYTES:
        faults.append(_too_large())
        return None
    try:
        trouble = _refused_event(text)
        if trouble:
            faults.append(Fault("", SYNTAX, trouble))
            return None
        loader = _Loader(text)
        node = loader.get_single_node()
        return None if node is None else _build(loader, node, "", faults)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "an unknown line"
        faults.append(Fault("", SYNTAX, f"The text is not YAML at {where}: {error.problem or error.context}."))
    except yaml.YAMLError as error:
        faults.append(Fault("", SYNTAX, f"The text is not YAML: {str(error)[:120]}."))
    except RecursionError:
        faults.append(Fault("", SYNTAX, "The text is nested too deeply to be a policy."))
    return None


def _refused_event(text: str) -> str:
    """An alias or a nesting too deep, seen while reading and before anything is built; empty when there is none."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else "?"
        if isinstance(event, yaml.AliasEvent):
            return f"Line {line} uses an alias (*{str(event.anchor)[:40]}). Write the value out."
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return f"Line {line} is nested too deeply to be a policy."
    return ""


def _build(loader: _Loader, node: yaml.Node, path: str, faults: list[Fault]) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, f"{path}/{at}", faults) for at, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                faults.append(Fault(path, SYNTAX, f"Line {line} has a key that is not a word."))
                continue
            key = key_node.value
            here = f"{path}/{_token(key)}"
            if key in built:
                faults.append(Fault(here, DUPLICATE, f"“{key[:40]}” is written twice; the second is on line {line}."))
                continue
            built[key] = _build(loader, value_node, here, faults)
        return built
    return _scalar(loader, node, path, faults)


def _scalar(loader: _Loader, node: yaml.Node, path: str, faults: list[Fault]) -> Any:
    tag = node.tag.removeprefix("tag:yaml.org,2002:")
    text = str(node.value)
    if tag in ("str", "timestamp", "value"):
        return text  # days stay text, as in JSON
    try:
        if tag == "float":
            return Decimal(text.replace("_", ""))
        if tag in ("int", "bool", "null") and len(text) <= 40:
            return loader.construct_object(node)
    except (InvalidOperation, ValueError, KeyError, IndexError):
        pass
    faults.append(Fault(path, WRONG_VALUE, f"Line {node.start_mark.line + 1}: “{text[:40]}” is no value of a policy."))
    return None


def _sized(document: Mapping[str, Any], faults: list[Fault]) -> Mapping[str, Any] | None:
    try:
        size = len(json.dumps(document, default=str))
    except (TypeError, ValueError, RecursionError):
        faults.append(Fault("", SYNTAX, "The document is not JSON."))
        return None
    if size > 2 * LARGEST_BYTES:  # a guard; the exact limit holds for the canonical form
        faults.append(_too_large())
        return None
    return document


def _invalid(faults: list[Fault]) -> Problem:
    ordered = tuple(dict.fromkeys(faults))
    count = "One fault" if len(ordered) == 1 else f"{len(ordered)} faults"
    return Problem("policy-invalid", 422, "The policy cannot be read", f"{count} to mend.", ordered)


def _too_large() -> Fault:
    return Fault("", TOO_LARGE, f"A policy has at most {LARGEST_BYTES // 1024} KiB. Shorten it.")


# Faults of shape


def _shape_faults(error: ValidationError) -> list[Fault]:
    """One fault a path."""
    faults: dict[str, Fault] = {}
    for item in error.errors(include_url=False):
        path = "".join(f"/{_token(str(part))}" for part in item["loc"])
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


def _token(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


# Faults between parts. They read the raw document, so that they are found beside faults of shape.


def _cross_faults(raw: Mapping[str, Any]) -> list[Fault]:
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


_CHECKS = (_duplicates, _stages, _references, _kinds, _expressions, _inputs)
