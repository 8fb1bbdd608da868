"""Milestones of a deal as rows: state, owner, due, evidence."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from governance.queries.milestones import MilestoneRow
from governance.web.near import Near
from ledger import words
from pipeline.queries.reading import Reading

# Word of the record → state chip and its word.
CHIPS = {
    "planned": ("not_started", _("Not started")), "started": ("waiting", _("In work")),
    "submitted": ("waiting", _("Waiting")), "verified": ("met", _("Verified")), "rejected": ("rejected", ""),
    "stale": ("stale", ""), "expired": ("expired", ""), "revoked": ("revoked", ""),
    "released": ("not_applicable", _("Released")), "offered": ("waiting", _("Offered")),
    "accepted": ("met", _("Accepted")), "refused": ("rejected", _("Refused")),
    "withdrawn": ("revoked", _("Withdrawn")), "voided": ("stale", _("Void")),
}  # fmt: skip


def chip(state: str) -> tuple[str, Any]:
    return CHIPS.get(state, ("not_started", state))


def agreed(found: MilestoneRow, read: Reading) -> str:
    """What an offer is about, in words: `by Tue 1 Dec`, `not before Thu 10 Dec`."""
    said = json.loads(found.agreed) if found.agreed and found.state != "planned" else {}
    if found.state == "refused" and said.get("earliest"):
        day = words.day(date.fromisoformat(said["earliest"]), read.today)
        return str(_("not before %(day)s") % {"day": day})
    if said.get("date"):
        return str(_("by %(day)s") % {"day": words.day(date.fromisoformat(said["date"]), read.today)})
    return str(_("a handshake"))


def row(found: MilestoneRow, near: Near) -> dict[str, Any]:
    read = near.read
    state, word = chip(found.state)
    place = read.units.get(found.unit, found.unit)
    verified, pieces = found.state in ("verified", "accepted"), found.evidence
    said = ngettext("%(n)s piece of evidence", "%(n)s pieces of evidence", pieces) % {"n": pieces}
    who = found.actor_name if verified else f"{read.functions.get(found.function, found.function)}: {place}"
    return {
        "key": found.key,
        "name": found.name,
        "url": reverse("milestone", args=[found.ref, found.key]),
        "state": state,
        "word": word,
        "who": {"name": who, "kind": "person" if verified else "queue"},
        "when": _when(found, read),
        "evidence": agreed(found, read) if found.requirement == "handshake" else said,
    }


def _when(found: MilestoneRow, read: Reading) -> Any:
    """When it was verified, else when it is due; what nobody asks for any more is due no more."""
    if found.state in ("verified", "accepted"):
        return words.moment(found.at, read.zone, read.now, gap=False)
    return "" if found.state == "released" else words.due(found.due_at, read.zone, read.now)
