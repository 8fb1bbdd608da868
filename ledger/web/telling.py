"""An entry in one sentence, and as a row of the timeline. The ledger knows bodies, not policies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import words
from ledger.queries.entries import EntryView
from ledger.rules import money
from ledger.rules.postings import BOOKED_UNDER_WAIVER
from ledger.rules.standing import WAIVER

ICONS = {
    "deal.opened": "plus", "deal.imported": "download", "deal.amended": "writing-sign", "deal.assigned": "user",
    "deal.advanced": "arrow-right", "deal.returned": "arrow-back-up", "deal.lost": "x", "deal.reopened": "history",
    "booking.recorded": "receipt", "booking.reversed": "arrow-back-up", "milestone.planned": "calendar-due",
    "milestone.started": "clock", "milestone.submitted": "inbox", "milestone.verified": "check",
    "milestone.rejected": "x", "milestone.staled": "arrow-back-up", "milestone.expired": "calendar-off",
    "milestone.revoked": "ban", "milestone.started_late": "clock", "milestone.missed": "calendar-off",
    "milestone.replanned": "calendar-due", "milestone.released": "ban",
    "revenue.scheduled": "chart-bar", "variance.recorded": "chart-bar",
    "evidence.added": "paperclip", "wording.changed": "writing-sign", "attestation.given": "writing-sign",
    "attestation.voided": "ban", "policy.published": "gavel",
    "hold.placed": "lock", "hold.released": "check", "account.held": "lock", "account.released": "check",
    "handshake.planned": "calendar-due", "handshake.offered": "inbox", "handshake.accepted": "check",
    "handshake.refused": "x", "handshake.withdrawn": "ban", "handshake.voided": "arrow-back-up",
    "handshake.released": "ban", "handshake.missed": "calendar-off", "handshake.replanned": "calendar-due",
    "touchpoint.logged": "alert-circle", "touchpoint.settled": "check",
    "waiver.requested": "clock", "waiver.refused": "x", "waiver.granted": "circle-dashed-check",
    "waiver.repaid": "check", "waiver.ended": "calendar-off",
    "policy.signed": "writing-sign", "policy.drafted": "gavel", "deal.rebound": "gavel", "move.ordered": "gavel",
    "move.drafted": "gavel", "move.signed": "writing-sign", "move.withdrawn": "ban",
}  # fmt: skip
Names = Mapping[str, str]
FOLLOWS = ("value_minor", "place", "period", "terms")  # what a change brings with it


def sentence(entry: EntryView, names: Names) -> str:
    """`Advanced to Commit.`, `Credit approved: verified.` Names by key: stages, requirements, functions."""
    body, kind = entry.body, entry.kind
    after = body.get("after") or {}
    key = str(body.get("key", "")).removeprefix(WAIVER)  # the entry says itself that it is about a waiver
    named = names.get(key, _upper(key.replace("-", " ").replace("_", " ")))
    if kind == "gate.refused":
        decision = body["decision"]
        to = names.get(decision["to"], _upper(decision["to"]))
        open_ = sum(state == "unmet" for _key, state, _fact in decision["results"])
        return _("Not advanced to %(to)s: %(n)s open.") % {"to": to, "n": open_}
    if kind in ("deal.advanced", "deal.returned", "deal.reopened"):
        say = {
            "deal.advanced": _("Advanced to %s."),
            "deal.returned": _("Returned to %s."),
            "deal.reopened": _("Re-opened in %s."),
        }
        return say[kind] % names.get(after["stage"], _upper(after["stage"]))
    if kind == "deal.amended":
        said = [key for key in body.get("changed", ()) if key not in FOLLOWS]
        changed = ", ".join(names.get(key, key.replace("_", " ")) for key in said)
        return _("Amended: %s.") % changed if changed else f"{entry.sentence}."
    if kind == "deal.rebound":
        return _("Moved from policy v%(was)s to v%(now)s.") % {"was": body["was"], "now": after["policy_version"]}
    if kind == "deal.lost":
        return _("Lost: %s.") % str(body.get("reason", "")).replace("-", " ")
    if kind in ("booking.recorded", "booking.reversed"):
        value = money.text(after.get("amount_minor"), after.get("currency"))
        if kind == "booking.reversed":
            return _("De-booked: %s.") % value
        waived = after.get("place") == BOOKED_UNDER_WAIVER
        return (_("Booked under waiver: %s.") if waived else _("Booked: %s.")) % value
    if kind in ("hold.placed", "account.held"):
        by, reason = names.get(body["function"], _upper(body["function"])), body["facts"]["reason"]
        if "of" in body["facts"] or kind == "account.held":
            return _("Account put on hold by %(by)s: %(reason)s.") % {"by": by, "reason": reason}
        return _("Put on hold by %(by)s: %(reason)s.") % {"by": by, "reason": reason}
    if kind == "touchpoint.logged":
        return _("Touchpoint logged: %s.") % body["touchpoint_kind"].replace("-", " ")
    if kind in ("hold.released", "account.released"):
        return _("Hold by %s released.") % names.get(body["function"], _upper(body["function"]))
    if named:
        return f"{named}: {_lower(entry.sentence)}."
    return f"{entry.sentence}."


def row(
    entry: EntryView, names: Names, people: Mapping[int, str], zone: str, now: datetime | None = None
) -> dict[str, Any]:
    """For components/ledger_entry.html; details hold what a reader may want to check."""
    details = [
        {"label": name.replace("_", " ").capitalize(), "value": text} for name, text in entry.private.items() if text
    ]
    if entry.kind == "gate.refused":
        held = [key for key, state, _fact in entry.body["decision"]["results"] if state == "unmet"]
        details.append({"label": _("Open"), "value": ", ".join(names.get(key, key) for key in held)})
    if entry.evidence:
        details.append({"label": _("Evidence"), "value": ", ".join(f"{one[:16]}…" for one in entry.evidence)})
    details += [
        {"label": _("Kind"), "value": entry.kind},
        {"label": _("Place"), "value": f"{entry.stream} / {entry.seq}"},
        {"label": "SHA-256", "value": entry.hash},
    ]
    decision = entry.body.get("decision")
    if decision:
        details.append({"label": _("Policy"), "value": f"v{decision['policy']}"})
    return {
        "position": words.count(entry.id),
        "url": reverse("ledger-entry", args=[entry.id]),
        "kind": entry.kind,
        "sentence": sentence(entry, names),
        "refused": entry.kind == "gate.refused",
        "actor": people.get(entry.actor, _("Somebody")),
        "moment": words.moment(entry.recorded_at, zone, now, gap=False),
        "icon": ICONS.get(entry.kind, ""),
        "door": entry.channel,
        "details": details,
    }


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
