"""The words of the gate: what each status is called, how it is said, and its stable code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

from pipeline.rules.policy import Policy, Requirement

Word = Literal[
    "not_started", "waiting", "rejected", "stale", "expired", "revoked", "missing", "placeholder", "voided", "blocked"
]  # the status of what is unmet

_PREFIX: Mapping[str, str] = {
    "input": "IN",
    "milestone": "MS",
    "handshake": "HS",
    "capacity": "CAP",
    "attestation": "AT",
    "approval": "AP",
    "condition": "CO",
}
_NUMBER: Mapping[str, int] = {
    "blocked": 1,
    "missing": 2,
    "not_started": 2,
    "waiting": 3,
    "rejected": 4,
    "stale": 5,
    "expired": 6,
    "revoked": 7,
    "voided": 8,
    "placeholder": 9,
}
# What the ledger's words for an unmet key mean here; an unknown word counts as not started.
WORDS: Mapping[str, Word] = {
    **dict.fromkeys(("started", "submitted", "offered", "requested", "asked", "missed", "unverified"), "waiting"),
    **dict.fromkeys(("rejected", "refused", "declined", "denied"), "rejected"),
    **dict.fromkeys(("expired", "lapsed"), "expired"),
    **dict.fromkeys(("revoked", "withdrawn", "released", "cancelled"), "revoked"),
    **dict.fromkeys(("blocked", "held", "placed", "over"), "blocked"),
    "stale": "stale",
    "voided": "voided",
    "missing": "missing",
    "placeholder": "placeholder",
}
SENTENCES: Mapping[Word, str] = {
    "not_started": "{name}: nothing has been done yet. {who} acts{by}.",
    "missing": "{name}: nothing is on record. {who} acts{by}.",
    "waiting": "{name}: waiting for {who}{by}.",
    "rejected": "{name}: rejected{at}. {who} acts on the reason and asks again{by}.",
    "stale": "{name}: was met, but what was checked has changed since. {who} checks again{by}.",
    "expired": "{name}: was met until {until} and has run out. {who} renews it.",
    "revoked": "{name}: was met and was withdrawn{at}. {who} settles it anew{by}.",
    "voided": "{name}: was given and is void{at}. {who} decides again{by}.",
    "blocked": "{name}: blocked by {who}{at}.",
    "placeholder": "{name}: the answer on record says nothing. {who} gives the true one.",
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def over_capacity(facts: Mapping[str, Any]) -> str:
    """“Over the ceiling by 30 units in Jul 2026, 40 in Aug 2026. Earliest start 1 Oct 2026; to start on 1 Jul 2026,
    order an expansion by 17 Apr 2026.”"""
    over = [
        f"{units:,}{'' if at else ' unit' if units == 1 else ' units'} in {_month(day)}"
        for at, (day, units) in enumerate(facts["over"])
    ]
    shown = ", ".join(over[:3]) + (f" and {len(over) - 3} more months" if len(over) > 3 else "")
    fits = (
        f"Earliest start {day_text(facts['earliest'])}" if facts["earliest"] else "It fits in none of the next months"
    )
    start, by = day_text(facts["start_on"]), day_text(facts["order_by"])
    return f"Over the ceiling by {shown}. {fits}; to start on {start}, order an expansion by {by}."


def day_text(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _month(iso: str) -> str:
    return day_text(iso).partition(" ")[2]


def owner(requirement: Requirement) -> str:
    """The function that owns the requirement."""
    return requirement.owner_function or requirement.function or requirement.role


def who(requirement: Requirement) -> str:
    """Who acts on it: the signing function, the approving role, or else the owner."""
    acting = {"attestation": requirement.function, "approval": requirement.role}.get(requirement.kind, "")
    return acting or owner(requirement)


def name(policy: Policy, requirement: Requirement) -> str:
    """What people call it: the milestone, the input, or its sentence."""
    template = policy.milestones.get(requirement.key)
    field = policy.inputs.get(requirement.key) if requirement.kind == "input" else None
    found = template.name if template else field.name if field else requirement.sentence.rstrip(". ")
    return found or requirement.key


def code(kind: str, status: str) -> str:
    """`GATE-MS-4`: stable, for support and for programs."""
    return f"GATE-{_PREFIX.get(kind, 'CO')}-{_NUMBER.get(status, 1)}"


def title(function: str) -> str:
    words = function.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:] if words else "The owner"


def aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
