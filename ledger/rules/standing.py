"""What the record says of one requirement key of one deal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


Standings = Mapping[str, Standing]
