"""A policy document as rows that are moved, added, taken out and filled in, one at a time: the document is the draft.

A row is named by its JSON pointer, `/stages/1/gate/0`, as faults are. Nothing is judged here: what is wrong with a row
is said by the rules of the document, so a draft may be as wrong as its author has left it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pipeline.rules import terms
from pipeline.rules.policy import Anchor, InputType, RequirementKind

Sort = Literal["line", "long", "number", "words", "flag", "pairs", "choice"]
LISTS = ("stages", "gate", "inputs", "milestones", "thresholds")
_WHOLE = re.compile(r"-?\d{1,15}")


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a row. `words` are texts between commas, `pairs` are facts with a share: “amount 0.05”."""

    name: str
    sort: Sort = "line"
    choices: tuple[str, ...] = ()
    default: Any = ""  # what is meant where nothing is written


_OWNER, _KEY, _NAME = Field("owner_function"), Field("key"), Field("name")
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "stages": (_KEY, _NAME),
    "gate": (
        _KEY, Field("kind", "choice", get_args(RequirementKind)), _OWNER, Field("sentence", "long"),
        Field("remedy", "long"), Field("applies_when"), Field("expression"), Field("message"), Field("function"),
        Field("role"), Field("above_minor", "number"),
    ),
    "inputs": (
        _KEY, _NAME, Field("type", "choice", get_args(InputType)), _OWNER, Field("decides", "long"),
        Field("minimum", "number"), Field("choices", "words"), Field("fresh_days", "number"), Field("help", "long"),
    ),
    "milestones": (
        _KEY, _NAME, _OWNER, Field("planned_in"), Field("anchor", "choice", get_args(Anchor), "stage_entry"),
        Field("offset_days", "number"), Field("lead_days", "number"), Field("evidence_minimum", "number"),
        Field("evidence_kinds", "words"), Field("binds", "words"), Field("tolerance", "pairs"),
        Field("valid_days", "number"), Field("float_days", "number"), Field("lag_days", "number"),
        Field("counts_late", "flag", default=True), Field("blocks", "flag", default=False),
    ),
    "thresholds": (_KEY, Field("value", "number")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """`up` and `down`: the pointer at which it would stand after a step that way, or empty at the end of the way."""

    pointer: str
    part: str  # one of LISTS
    said: Mapping[str, Any]
    place: int  # from 1
    of: int
    up: str = ""
    down: str = ""

    @property
    def key(self) -> str:
        return str(self.said.get("key", ""))


def rows(raw: Mapping[str, Any], base: str) -> Iterator[Row]:
    """The rows of a list, such as `/inputs` or `/stages/2/gate`; what is no row is left to the text."""
    found = _list(raw, base)
    part = base.rsplit("/", 1)[1]
    for at, said in enumerate(found):
        if isinstance(said, Mapping):
            pointer = f"{base}/{at}"
            ways = (_target(raw, pointer, step) for step in (-1, 1))
            yield Row(pointer, part, said, at + 1, len(found), *ways)


def row(raw: Mapping[str, Any], pointer: str) -> Row | None:
    """The row at a pointer; None where none stands."""
    base, _slash, at = pointer.rpartition("/")
    if not at.isdecimal() or base.rpartition("/")[2] not in LISTS:
        return None
    return next((one for one in rows(raw, base) if one.pointer == pointer), None)


def moved(raw: Mapping[str, Any], pointer: str, step: Literal[-1, 1]) -> tuple[dict[str, Any], str]:
    """The document with a row one place further, and where it stands now. Behind the end of a gate is the next gate."""
    fresh, to = copy.deepcopy(dict(raw)), _target(raw, pointer, step)
    if not to or row(raw, pointer) is None:
        return fresh, pointer
    (old, at), (new, place) = _place(pointer), _place(to)
    _made(fresh, new)
    _list(fresh, new).insert(place, _list(fresh, old).pop(at))
    return fresh, to


def added(raw: Mapping[str, Any], base: str) -> tuple[dict[str, Any], str]:
    """The document with an empty row at the end of a list, and its pointer; empty where there is no such list."""
    fresh = copy.deepcopy(dict(raw))
    holder, _slash, part = base.rpartition("/")
    if part not in LISTS or (holder and row(raw, holder) is None) or (part == "gate") != bool(holder):
        return fresh, ""
    _made(fresh, base)
    found = _list(fresh, base)
    found.append({field.name: field.choices[0] for field in FIELDS[part] if field.sort == "choice"})
    return fresh, f"{base}/{len(found) - 1}"


def removed(raw: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    fresh = copy.deepcopy(dict(raw))
    if row(raw, pointer) is not None:
        base, at = _place(pointer)
        _list(fresh, base).pop(at)
    return fresh


def dropped(raw: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """The document without an input, and without the requirements of gates that ask for it."""
    found = row(raw, pointer)
    fresh = removed(raw, pointer)
    if found is None or found.part != "inputs" or not found.key:
        return fresh
    for stage in rows(fresh, "/stages"):
        gate = _list(fresh, f"{stage.pointer}/gate")
        gate[:] = [one for one in gate if not _asks(one, found.key)]
    return fresh


def _asks(said: Any, key: str) -> bool:
    return isinstance(said, Mapping) and said.get("kind") == "input" and said.get("key") == key


def filled(raw: Mapping[str, Any], pointer: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """The document with a row as it was typed. What is empty is left out; keys that no field has stay for the text."""
    fresh, found = copy.deepcopy(dict(raw)), row(raw, pointer)
    if found is None:
        return fresh
    base, at = _place(pointer)
    said = _list(fresh, base)[at]
    for field in FIELDS[found.part]:
        value = _value(field, typed.get(field.name, "").strip())
        if value in ("", None, []) or (field.name not in said and value == field.default):
            said.pop(field.name, None)
        else:
            said[field.name] = value
    return fresh


def shown(field: Field, said: Mapping[str, Any]) -> str:
    """A value as it is typed; a flag is “on” or empty."""
    value = said.get(field.name, field.default)
    if field.sort == "flag":
        return "on" if value is True else ""
    if isinstance(value, list):
        return ", ".join(_pair(one) if isinstance(one, Mapping) else str(one) for one in value)
    return "" if value is None else str(terms.plain(value))


def _pair(said: Mapping[str, Any]) -> str:
    return " ".join(str(terms.plain(said[name])) for name in ("fact", "share") if said.get(name) is not None)


def _value(field: Field, typed: str) -> Any:
    if field.sort == "flag":
        return bool(typed)
    if field.sort == "number" and _WHOLE.fullmatch(typed):
        return int(typed)
    words = [one.strip() for one in typed.split(",") if one.strip()]
    if field.sort == "words":
        return words
    if field.sort == "pairs":
        return [dict(zip(("fact", "share"), one.split(None, 1), strict=False)) for one in words]
    return typed


def _target(raw: Mapping[str, Any], pointer: str, step: int) -> str:
    base, at = _place(pointer)
    if 0 <= at + step < len(_list(raw, base)):
        return f"{base}/{at + step}"
    stage = base.removesuffix("/gate")
    if stage == base:
        return ""
    number = int(stage.rpartition("/")[2]) + step
    if row(raw, f"/stages/{number}") is None or number < 1:  # no gate leads into the first stage
        return ""
    beyond = f"/stages/{number}/gate"
    return f"{beyond}/{len(_list(raw, beyond)) if step < 0 else 0}"


def _place(pointer: str) -> tuple[str, int]:
    base, _slash, at = pointer.rpartition("/")
    return base, int(at)


def _list(raw: Any, base: str) -> list[Any]:
    """The list at a pointer itself; an empty one where there is none."""
    for part in base.split("/")[1:]:
        if isinstance(raw, list):
            raw = raw[int(part)] if part.isdecimal() and int(part) < len(raw) else None
        else:
            raw = raw.get(part) if isinstance(raw, Mapping) else None
    return raw if isinstance(raw, list) else []


def _made(raw: dict[str, Any], base: str) -> None:
    """A gate or a list that is not written yet becomes an empty one."""
    holder, _slash, part = base.rpartition("/")
    home: Any = raw
    if holder:
        above, at = _place(holder)
        home = _list(raw, above)[at]
    if not isinstance(home.get(part), list):
        home[part] = []
