"""The text of a policy → plain values, safely: no aliases, no duplicate keys, nothing too deep or too large."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from ledger.rules.problems import Fault
from pipeline.rules.policy_faults import DUPLICATE, LARGEST_BYTES, SYNTAX, WRONG_VALUE, token, too_large

DEEPEST = 12  # levels of a document that is still read


class _Loader(yaml.SafeLoader):
    """Composes nodes only; values are built below, with their paths."""


def read(text: str, faults: list[Fault]) -> Any:
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_BYTES:
        faults.append(too_large())
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
            here = f"{path}/{token(key)}"
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


def sized(document: Mapping[str, Any], faults: list[Fault]) -> Mapping[str, Any] | None:
    try:
        size = len(json.dumps(document, default=str))
    except (TypeError, ValueError, RecursionError):
        faults.append(Fault("", SYNTAX, "The document is not JSON."))
        return None
    if size > 2 * LARGEST_BYTES:  # a guard; the exact limit holds for the canonical form
        faults.append(too_large())
        return None
    return document
