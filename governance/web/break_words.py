"""A break in words: what sales promised, what operations planned, what finance has in its books."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.queries.breaks import BreakRow
from governance.rules.breaks import SORTS
from ledger import words
from ledger.rules import money
from pipeline.queries.reading import Reading


def told(row: BreakRow, read: Reading) -> dict[str, Any]:
    """For a row of the list, and for the card on an alert."""
    one, functions = row.found, read.functions
    facts = one.facts

    def amount(name: str) -> str:
        return money.text(facts[name], one.currency)

    sides = [
        {"label": _("Promise"), "value": amount("promised"), "note": _("sold %s") % amount("sold")},
        {"label": _("Plan"), "value": amount("planned"), "note": _plan(facts, one.currency)},
        {"label": _("Books"), "value": amount("invoiced"), "note": _("collected %s") % amount("collected")},
    ]
    return {
        "id": one.id,
        "ref": one.ref,
        "what": SORTS[one.sort].sentence,
        "amount": money.text(one.amount, one.currency),
        "month": words.month(one.month),
        "title": row.title,
        "deal": row.deal,
        "url": reverse("deal", args=[row.deal]),
        "unit": read.units.get(one.unit, one.unit),
        "function": functions.get(one.function, one.function),
        "sides": sides,
        "owner": {"name": row.owner, "kind": "person"} if row.owner else {
            "name": functions.get(one.function, one.function), "kind": "queue"
        },
        "alert": f"A-{row.alert}" if row.alert else "",
        "alert_url": reverse("alert", args=[f"A-{row.alert}"]) if row.alert else "",
        "due": words.due(row.due, read.zone, read.now) if row.due and not one.cleared_at else None,
        "found": words.moment(one.found_at, read.zone, read.now),
        "cleared": words.moment(one.cleared_at, read.zone, read.now) if one.cleared_at else None,
        "request_id": uuid4(),
        "check_url": "" if one.cleared_at or read.past else reverse("break-check", args=[one.id]),
    }  # fmt: skip


def _plan(facts: Any, currency: str) -> str:
    if facts["uncovered"]:
        return _("%s to come without capacity") % money.text(facts["uncovered"], currency)
    return _("no new date for what is overdue") if facts["estimated"] else _("dated")
