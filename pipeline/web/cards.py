"""A deal as a card of the board: its meter, the one thing that holds it, and who owes that."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.rules import money
from ledger.rules.actor import Actor
from pipeline import permissions
from pipeline.queries import policies
from pipeline.queries.board import Card
from pipeline.queries.reading import Reading
from pipeline.rules.decision import Decision
from pipeline.web import gate_rows


def waits_on(decision: Decision | None, function: str) -> bool:
    return decision is not None and any((one.who or one.owner_function) == function for one in decision.refusals)


def card(found: Card, decision: Decision | None, read: Reading, by: Actor, *, moves: bool = True) -> dict[str, Any]:
    """For components/deal_card.html. `moves` False: away from the board the card only leads to its deal."""
    view = found.deal.view
    told: dict[str, Any] = {
        "id": found.ref,
        "url": reverse("deal", args=[found.ref]),
        "title": found.title,
        "account": found.account,
        "amount_text": "" if view.amount_minor is None else money.text(view.amount_minor, view.currency),
        "version": view.version,
        "stage": view.stage,
        "who": {"name": found.owner_name, "kind": "person"},
    }
    if decision is None:
        return told
    policy = policies.version(view.policy_version)
    rows = gate_rows.rows(policy, decision, found.deal, read, found.owner_name)
    met = sum(row["state"] in ("met", "waived") for row in rows)
    told |= {"met_count": met, "total": len(rows)}
    if decision.passed:
        told |= {"state": "met", "hold_text": _("ready to advance")}
    else:
        told |= {"state": rows[0]["state"], "hold_text": rows[0]["message"], "who": rows[0]["who"]}
        told["word"] = rows[0].get("word", "")
    if moves and not read.past and permissions.can_act(by, read.seats, view):
        to = policy.stage(decision.to_stage)
        assert to is not None  # the decision is about the next stage
        label = _("To %(stage)s") % {"stage": to.name}
        told |= {
            "move_url": f"{reverse('deal-advance', args=[found.ref])}?from=board",
            "moves": [{"stage": to.key, "label": label}],
        }
    return told
