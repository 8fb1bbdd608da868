"""What the record says of one requirement key of one deal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Effect = Literal["met", "unmet", "waived"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The last word of the record on a key.

    `status` is the word of the deciding kind (planned, started, submitted, verified, rejected, stale,
    expired, revoked, given, voided, granted, …). `facts` holds what the decision bound: for a verification
    `{"facts": {name: value}, "tolerance": {name: "0.05"}}`, for an attestation `{"terms": hex}`.
    """

    key: str
    effect: Effect
    status: str
    entry_id: int = 0
    actor: int = 0
    at: datetime | None = None
    function: str = ""
    preparer: int | None = None
    start_by: datetime | None = None
    due_at: datetime | None = None
    valid_until: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    first_due_at: datetime | None = None  # as planned; `due_at` is what a re-plan made of it
    late_at: datetime | None = None  # when the record noted that work had not begun in time
    missed_at: datetime | None = None  # when the record noted that the due moment had passed

    @property
    def is_open(self) -> bool:
        """Owed and not yet settled: a deadline runs."""
        return self.effect == "unmet" and self.status != "released" and self.due_at is not None


Standings = Mapping[str, Standing]


def marked(was: Standing, mark: str, at: datetime, due: datetime | None) -> Standing:
    """What a kind with a mark makes of a standing; `due` is the moment that a re-plan names."""
    if mark == "late":
        return replace(was, late_at=at)
    if mark == "missed":
        return replace(was, missed_at=at)
    return replace(was, due_at=due, missed_at=None)


WAIVER = "waiver/"  # a waiver stands beside the requirement that it excuses, under this and its key


def waiver_key(requirement: str) -> str:
    """Where a waiver stands: no key of a policy has a stroke in it."""
    return f"{WAIVER}{requirement}"
