"""What somebody else changed while this person was writing: was, is, by whom."""

from __future__ import annotations

from typing import Any

from ledger import words
from ledger.queries import entries
from ledger.queries.entries import EntryView
from ledger.rules import money
from pipeline.queries import people
from pipeline.queries.reading import Reading
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.staleness import LABELS

_CORE = ("amount_minor", "currency", "close_on", "start_on", "account")


def since(view: DealView, policy: Policy, seen: int, read: Reading) -> list[dict[str, Any]]:
    """Facts that differ between version `seen` and now; empty when only other things happened."""
    told = [entry for entry in entries.timeline(f"deal/{view.id}", limit=200) if "after" in entry.body]
    newer = [entry for entry in told if entry.seq > seen]
    older = next((entry for entry in told if entry.seq <= seen), None)
    if not newer or older is None:
        return []
    was, now = _facts(older), _facts(newer[0])
    names = people.names(entry.actor for entry in newer)
    found = []
    for key in [key for key in now if now[key] != was.get(key)]:
        entry = next((one for one in newer if key in one.body.get("changed", [key])), newer[0])
        found.append(
            {
                "field": policy.inputs[key].name if key in policy.inputs else LABELS.get(key, key),
                "was": _shown(key, was),
                "is": _shown(key, now),
                "who": names.get(entry.actor, ""),
                "when": words.moment(entry.recorded_at, read.zone),
            }
        )
    return found


def _facts(entry: EntryView) -> dict[str, Any]:
    after = entry.body["after"]
    inputs = {
        key: entry.private.get(key, value["private"]) if isinstance(value, dict) else value
        for key, value in after["inputs"].items()
    }
    return {**{key: after[key] for key in _CORE}, **inputs}


def _shown(key: str, facts: dict[str, Any]) -> str:
    value = facts.get(key)
    if value is None:
        return "—"
    return money.text(value, facts["currency"]) if key == "amount_minor" else str(value)
