"""The facts of a deal as a list: what is known, and what a gate will ask for."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import words
from ledger.rules import money
from pipeline.queries import choices
from pipeline.queries.heads import Head
from pipeline.queries.reading import Reading
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy


def pairs(policy: Policy, view: DealView, head: Head, read: Reading, *, health: str = "") -> dict[str, Any]:
    """`given` of `total` inputs, and items for components/key_values.html. `health`: of its account, in words."""
    contacts = [
        view.inputs[key] for key, known in policy.inputs.items() if known.type == "contact" and view.inputs.get(key)
    ]
    named = choices.contact_names(contacts) if contacts else {}
    items = [
        {"label": _("Owner"), "value": head.owner},
        {
            "label": _("Account"),
            "value": head.account or "—",
            "url": reverse("account", args=[view.account]) if view.account else "",
            "note": health,
        },
        {"label": _("Unit"), "value": read.units.get(view.unit, view.unit)},
    ]
    given = 0
    for key, known in policy.inputs.items():
        value = view.fact(key)
        given += value is not None and value != ""
        items.append({"label": known.name, "value": _shown(key, value, view, named, known.type)})
    if view.lines:
        lines = ", ".join(f"{line.quantity} × {line.name}" for line in view.lines)
        items.append({"label": _("Products"), "value": lines})
    if view.value_minor is not None and view.currency != read.company.currency:
        items.append({"label": _("Value"), "value": money.text(view.value_minor, read.company.currency)})
    return {"given": given, "total": len(policy.inputs), "items": items}


def _shown(key: str, value: Any, view: DealView, named: dict[int, str], kind: str) -> str:
    if value is None or value == "":
        return "—"
    if key == "amount":
        return money.text(view.amount_minor, view.currency)
    if kind == "contact":
        return named.get(value, str(value))
    if kind == "choice":
        return str(value).replace("-", " ")
    return words.day(value) if hasattr(value, "isoformat") else str(value)
