"""The draft of a policy as rows: what a button does to the document, and each row with what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from ledger.rules.problems import Fault
from pipeline.queries import usage
from pipeline.rules import policy_document, policy_lint, policy_rows, policy_text, policy_use, terms
from pipeline.rules.policy import Policy
from pipeline.rules.policy_lint import MOST_INPUTS
from pipeline.rules.policy_rows import Row

INPUTS = "/inputs"
_STEPS = ("up", "down")
_ROW = re.compile(r"/stages/\d+/gate/\d+|/(?:stages|inputs|milestones|thresholds)/\d+")


def read(text: str) -> Mapping[str, Any] | None:
    """The document as plain values; None while the text itself cannot be read."""
    faults: list[Fault] = []
    raw = policy_text.read(text, faults)
    return raw if isinstance(raw, Mapping) and not any(fault.pointer == "" for fault in faults) else None


def acted(text: str, said: QueryDict) -> tuple[str, dict[str, str]]:
    """The text after what was typed into the open row and the button that was pressed, and what the page shows of it:
    `open` and `focus` are pointers, `way` the button that has the focus, `told` what was done; `full` while an input
    is wanted where there are ten."""
    raw = read(text)
    act, _colon, pointer = said.get("act", "").partition(":")
    shown = {"open": "", "focus": "", "way": "", "told": "", "full": ""}
    if raw is None:
        return text, shown
    before, at = raw, said.get("at", "")
    row = policy_rows.row(raw, at) if at else None
    if row is not None:
        if row.key != said.get("was", ""):
            return text, shown | {"told": _("The text was changed under the open row: nothing of the row was saved.")}
        raw = policy_rows.filled(raw, at, {name[2:]: str(value) for name, value in said.items() if name[:2] == "f-"})
    row = policy_rows.row(raw, pointer)
    if act in _STEPS and row is not None:
        raw, pointer = policy_rows.moved(raw, pointer, 1 if act == "down" else -1)
        now = policy_rows.row(raw, pointer) or row
        place = {"name": title(row.said), "place": now.place, "of": now.of}
        shown |= {"focus": pointer, "way": act, "told": _("%(name)s is now %(place)s of %(of)s.") % place}
    elif act == "remove" and row is not None:
        raw = policy_rows.removed(raw, pointer)
        shown |= {"told": _("%(name)s is taken out.") % {"name": title(row.said)}}
    elif act == "edit" and row is not None:
        shown |= {"open": pointer}
    elif act in ("drop", "swap") and row is not None:
        raw, pointer = policy_rows.dropped(raw, pointer), ""
        if act == "swap":
            raw, pointer = policy_rows.added(raw, INPUTS)
        told = _("%(name)s is dropped, with the requirements that ask for it.") % {"name": title(row.said)}
        shown |= {"open": pointer, "told": told}
    elif act == "add" and pointer == INPUTS and len(list(policy_rows.rows(raw, INPUTS))) >= MOST_INPUTS:
        shown |= {"full": "yes"}
    elif act == "add":
        raw, pointer = policy_rows.added(raw, pointer)
        shown |= {"open": pointer}
    return (text if raw == before else policy_document.text(terms.plain(raw))), shown


def title(said: Mapping[str, Any]) -> str:
    return str(said.get("name") or said.get("key") or _("The new row"))


def shape(text: str, shown: Mapping[str, str], faults: Iterable[Mapping[str, str]]) -> dict[str, Any] | None:
    """For pipeline/policy_rows.html; None while the text cannot be read. Each fault stands with the row of its path."""
    raw = read(text)
    if raw is None:
        return None
    told = [dict(one) for one in faults]

    def many(base: str) -> list[dict[str, Any]]:
        return [_row(one, shown, told) for one in policy_rows.rows(raw, base)]

    stages = many("/stages")
    for one in stages:
        one["gate"] = {"base": f"{one['pointer']}/gate", "rows": many(f"{one['pointer']}/gate")}
    return {
        "stages": {"base": "/stages", "rows": stages},
        "parts": [
            {"id": "inputs", "title": _("Inputs"), "base": "/inputs", "rows": many("/inputs"),
             "add": _("Add an input")},
            {"id": "milestones", "title": _("Milestones"), "base": "/milestones", "rows": many("/milestones"),
             "add": _("Add a milestone")},
            {"id": "thresholds", "title": _("Thresholds"), "base": "/thresholds", "rows": many("/thresholds"),
             "add": _("Add a threshold")},
        ],
        "told": shown["told"],
        "full": None,
    }  # fmt: skip


def full(text: str, policy: Policy | None, shown: Mapping[str, str]) -> dict[str, Any] | None:
    """Which input to drop, the least used first, where an eleventh is wanted or there are more than ten; None where
    there is room. `policy` says what shuts gates and how inputs were answered: the draft, or the version in force."""
    rows = list(policy_rows.rows(read(text) or {}, INPUTS))
    over = len(rows) - MOST_INPUTS
    if over < 1 and not (shown["full"] and over == 0):
        return None
    gating = policy_lint.gating_inputs(policy) if policy else ()
    used = policy_use.least_used([row.key for row in rows], gating, usage.of_inputs(policy) if policy else {})
    return {
        "most": MOST_INPUTS,
        "act": "drop" if over > 0 else "swap",
        "rows": [{"pointer": rows[one.at].pointer, "name": title(rows[one.at].said), "why": one.why} for one in used],
    }


def anchor(path: str) -> str:
    """The id of the row that a fault is in, on the page; empty where it is in none."""
    found = _ROW.match(path)
    return f"row{found[0].replace('/', '-')}" if found else ""


def _row(row: Row, shown: Mapping[str, str], faults: list[dict[str, str]]) -> dict[str, Any]:
    own = [one for one in faults if one["path"] == row.pointer or one["path"].startswith(f"{row.pointer}/")]
    inner = f"{row.pointer}/gate/"
    own = [one for one in own if row.part != "stages" or not one["path"].startswith(inner)]
    opened = shown["open"] == row.pointer
    return {
        "pointer": row.pointer,
        "id": anchor(row.pointer),
        "title": title(row.said),
        "key": row.key,
        "line": _line(row),
        "place": row.place,
        "of": row.of,
        "up": row.up,
        "down": row.down,
        "way": shown["way"] if shown["focus"] == row.pointer else "",
        "faults": own,
        "first": row.pointer == "/stages/0",
        "opened": opened,
        "fields": _fields(row, own) if opened else [],
    }


def _line(row: Row) -> str:
    """A row in a few words, in the order of the screen: sort, owner, due or what it decides."""
    said = {name: str(terms.plain(value)) for name, value in row.said.items() if isinstance(value, str | int)}
    owner = said.get("owner_function") or _("nobody")
    if row.part == "gate":
        return " · ".join(filter(None, (said.get("kind", ""), owner, said.get("sentence", ""))))
    if row.part == "inputs":
        return " · ".join((said.get("type", ""), owner, said.get("decides") or _("decides nothing")))
    if row.part == "milestones":
        due = _("%(days)s days after %(anchor)s") % {
            "days": said.get("offset_days", "?"), "anchor": said.get("anchor", "stage_entry").replace("_", " "),
        }  # fmt: skip
        return " · ".join((owner, _("planned in %(stage)s") % {"stage": said.get("planned_in", "?")}, due))
    return said.get("value", "") if row.part == "thresholds" else ""


def _fields(row: Row, faults: list[dict[str, str]]) -> list[dict[str, Any]]:
    labels = _labels()
    return [
        {
            "name": field.name,
            "label": labels.get(field.name, field.name.replace("_", " ").capitalize()),
            "sort": field.sort,
            "choices": field.choices,
            "value": policy_rows.shown(field, row.said),
            "faults": [one for one in faults if one["path"].startswith(f"{row.pointer}/{field.name}")],
        }
        for field in policy_rows.FIELDS[row.part]
    ]


def _labels() -> dict[str, str]:
    """Where the word of the document says too little."""
    return {
        "owner_function": _("Owner (function)"),
        "applies_when": _("Applies when (CEL; empty: always)"),
        "expression": _("Condition (CEL), of kind condition"),
        "message": _("What is said while it is false, of kind condition"),
        "function": _("Who signs, of kind attestation"),
        "role": _("Who approves, of kind approval"),
        "above_minor": _("Above this amount in minor units, of kind approval"),
        "decides": _("The decision it serves"),
        "minimum": _("Smallest number, or fewest characters"),
        "choices": _("Choices, between commas"),
        "fresh_days": _("Fresh for (days)"),
        "planned_in": _("Planned in (stage)"),
        "offset_days": _("Due (days after the anchor)"),
        "lead_days": _("Lead time (days)"),
        "evidence_minimum": _("Fewest pieces of evidence"),
        "evidence_kinds": _("Kinds of evidence, between commas"),
        "binds": _("Facts it binds, between commas"),
        "tolerance": _("Tolerance: fact and share, such as amount 0.05"),
        "valid_days": _("Valid for (days)"),
        "float_days": _("Float (days)"),
        "lag_days": _("From verification to delivery (days)"),
        "counts_late": _("Counts when it comes late"),
        "blocks": _("Delivery does not start before it"),
    }
