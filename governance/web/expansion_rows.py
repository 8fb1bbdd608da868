"""Expansions as rows, and the form that orders one."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from governance.queries.expansions import ExpansionRow
from governance.rules import reserving
from ledger import words
from ledger.rules.actor import Actor
from pipeline.queries.reading import Reading

_STATES = {"ordered": "waiting", "verified": "met", "withdrawn": "revoked"}


def row(one: ExpansionRow, by: Actor, read: Reading) -> dict[str, Any]:
    """What it adds, from when, and what this reader can do about it."""
    refusal = reserving.proving(by, read.seats, one.unit, one.ordered_by)
    mine = reserving.ordering(read.seats, one.unit) is None and not read.past
    return {
        "id": one.id,
        "unit": read.units.get(one.unit, one.unit),
        "units": words.count(one.units),
        "ordered": words.day(one.ordered_on, read.today),
        "ordered_by": one.ordered_by_name,
        "lead": one.lead_days,
        "ready": words.day(one.ready_on, read.today),
        "counts": words.month(one.counts_from),
        "verified_by": one.verified_by_name or "",
        "state": _STATES[one.state],
        "word": {"ordered": _("Ordered"), "verified": _("Verified"), "withdrawn": _("Withdrawn")}[one.state],
        "verify": one.state == "ordered" and refusal is None and not read.past,
        "reason": refusal.sentence if one.state == "ordered" and refusal is not None and refusal.separation else "",
        "withdraw": one.state != "withdrawn" and mine,
        "request_ids": [uuid.uuid4(), uuid.uuid4()],
    }


def form(read: Reading) -> dict[str, Any] | None:
    """None for a reader who orders nothing."""
    units = [(key, name) for key, name in sorted(read.units.items()) if reserving.ordering(read.seats, key) is None]
    if not units:
        return None
    return {"units": units, "today": read.today.isoformat(), "lead_days": reserving.LEAD_DAYS}
