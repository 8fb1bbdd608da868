"""Deliveries as pages show them: state in words, the receiver's own answer, the next try."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.queries.subscriptions import AttemptRow, DeliveryRow
from ledger import words
from pipeline.queries.reading import Reading

# State of a delivery → chip and word.
_STATES = {
    "waiting": ("waiting", _("Waiting")),
    "delivered": ("met", _("Delivered")),
    "withheld": ("waived", _("Withheld")),
    "given up": ("rejected", _("Given up")),
    "planned soon": ("checking", _("Being planned")),
    "in the product": ("not_started", _("In the product")),
}
_RESULTS = {
    "delivered": _("Delivered"),
    "trouble": _("No use of the receiver"),
    "refused": _("Refused"),
    "hopeless": _("Refused for good"),
    "interrupted": _("Interrupted"),
}


def chip(state: str) -> dict[str, str]:
    form, word = _STATES[state]
    return {"state": form, "word": word}


def delivery(row: DeliveryRow, read: Reading) -> dict[str, Any]:
    answer = ""
    if row.result:
        parts = [_RESULTS[row.result], str(row.status or ""), _("in %(n)s ms") % {"n": row.milliseconds or 0}]
        answer = " ".join(part for part in parts if part)
    return {
        "id": row.id,
        "url": reverse("delivery", args=[row.id]),
        "type": row.type,
        "entry": row.entry,
        "chip": chip(row.state),
        "when": words.moment(row.settled_at or row.created_at, read.zone, read.now),
        "next": words.moment(row.due_at, read.zone, read.now) if row.state == "waiting" else "",
        "attempts": row.attempts,
        "answer": answer,
        "detail": row.detail or "",
        "program": row.receiver.startswith("hook/"),
    }


def attempt(row: AttemptRow, read: Reading) -> dict[str, Any]:
    return {
        "number": row.number,
        "when": words.moment(row.at, read.zone, read.now),
        "result": _RESULTS[row.result],
        "status": row.status or "",
        "detail": row.detail,
        "milliseconds": words.count(row.milliseconds),
        "sha256": row.sha256,
    }
