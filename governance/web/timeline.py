"""The ledger of one deal, told in the words of its policy."""

from __future__ import annotations

from typing import Any

from ledger.queries import entries
from ledger.web import telling
from pipeline.queries import people
from pipeline.queries.reading import Reading
from pipeline.rules.policy import Policy
from pipeline.rules.staleness import LABELS

SHOWN = 12


def names_of(policy: Policy) -> dict[str, str]:
    """Key → the name that people know: stages, inputs, milestones, requirements."""
    gates = [rule for stage in policy.stages for rule in stage.gate]
    return {
        **{rule.key: rule.function.capitalize() or rule.sentence.rstrip(". ") for rule in gates},
        **LABELS,
        "lines": "Products",
        **{stage.key: stage.name for stage in policy.stages},
        **{key: known.name for key, known in policy.inputs.items()},
        **{key: template.name for key, template in policy.milestones.items()},
    }


def of_deal(number: int, policy: Policy, read: Reading, before: str | None) -> dict[str, Any]:
    """`entries` for components/ledger_entry.html, newest first, and the `next` place to go on from."""
    place = int(before) if before and before.isascii() and before.isdigit() and len(before) < 9 else None
    rows = entries.timeline(f"deal/{number}", before=place, limit=SHOWN + 1)
    shown = rows[:SHOWN]
    known = people.names(entry.actor for entry in shown)
    names = names_of(policy)
    return {
        "entries": [telling.row(entry, names, known, read.zone, read.now) for entry in shown],
        "next": shown[-1].seq if len(rows) > SHOWN else None,
        "count": rows[0].seq if rows else 0,
    }
