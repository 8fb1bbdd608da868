"""Milestones of a deal as rows: state, owner, due, evidence."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from governance.queries.milestones import MilestoneRow
from governance.web.near import Near
from ledger import words

# Word of the record → state chip and its word.
CHIPS = {
    "planned": ("not_started", _("Not started")), "started": ("waiting", _("In work")),
    "submitted": ("waiting", _("Waiting")), "verified": ("met", _("Verified")), "rejected": ("rejected", ""),
    "stale": ("stale", ""), "expired": ("expired", ""), "revoked": ("revoked", ""),
    "released": ("not_applicable", _("Released")),
}  # fmt: skip


def chip(state: str) -> tuple[str, Any]:
    return CHIPS.get(state, ("not_started", state))


def row(found: MilestoneRow, near: Near) -> dict[str, Any]:
    read = near.read
    state, word = chip(found.state)
    place = read.units.get(found.unit, found.unit)
    verified, pieces = found.state == "verified", found.evidence
    who = found.actor_name if verified else f"{read.functions.get(found.function, found.function)}: {place}"
    return {
        "key": found.key,
        "name": found.name,
        "url": reverse("milestone", args=[found.ref, found.key]),
        "state": state,
        "word": word,
        "who": {"name": who, "kind": "person" if verified else "queue"},
        "when": words.moment(found.at, read.zone, read.now, gap=False)
        if verified
        else words.due(found.due_at, read.zone, read.now),
        "evidence": ngettext("%(n)s piece of evidence", "%(n)s pieces of evidence", pieces) % {"n": pieces},
    }
