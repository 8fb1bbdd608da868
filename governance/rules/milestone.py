"""The states of a milestone and what may follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.rules.kinds import statuses
from pipeline.rules.deal import DealView
from pipeline.rules.policy import MilestoneTemplate
from pipeline.rules.terms import plain

OPEN = ("planned", "started", "rejected", "stale", "expired", "revoked")
WORDS, HANDSHAKES = statuses("milestone"), statuses("handshake")
STATES = tuple(dict.fromkeys((*WORDS, *HANDSHAKES)))

FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "start": ("planned",),
    "evidence": (*OPEN, "submitted"),
    "submit": OPEN,
    "warn": (*OPEN, "submitted"),
    "replan": (*OPEN, "submitted", "offered", "refused", "withdrawn", "voided"),
    "decide": ("submitted",),
    "ask": ("submitted",),
    "answer": ("submitted",),
    "hand over": ("submitted",),
    "undo": ("submitted", "verified", "rejected"),
    "revoke": ("verified",),
}


def wrong_state(act: str, state: str) -> str | None:
    """A sentence when `act` cannot follow `state`."""
    allowed = FOLLOWS[act]
    if state in allowed:
        return None
    return f"This milestone is {state}; that act needs it to be {' or '.join(allowed)}."


def bound(template: MilestoneTemplate, deal: DealView, evidence: list[str]) -> dict[str, Any]:
    """What a verification binds to: the facts that it saw, how far they may move, and its evidence."""
    return {
        "facts": {name: plain(deal.fact(name)) for name in template.binds},
        "tolerance": {name: format(share, "f") for name, share in template.tolerance.items()},
        "evidence": evidence,
    }


def unknown(template: MilestoneTemplate, deal: DealView) -> list[str]:
    """Facts that the verification would bind and that are not known: it would be stale at once."""
    return [name for name in template.binds if deal.fact(name) in (None, "")]
