"""Why a deal does not move: the gate to its next stage as a problem panel, every reason at once."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pipeline.queries import deals, detail, policies
from pipeline.queries.reading import Reading
from pipeline.rules.decision import Decision
from pipeline.web import gate_rows


def of_deal(ref: str, read: Reading) -> dict[str, Any] | None:
    """None once the gate is open."""
    deal = detail.visible(read.seats, deals.number_of(ref))
    policy = policies.version(deal.view.policy_version)
    following = policy.next_stage(deal.view.stage)
    if following is None:
        return None
    decision = gate_rows.decide(deal, read)
    return None if decision is None or decision.passed else panel(deal.view.ref, following.name, decision)


def panel(ref: str, to: str, decision: Decision) -> dict[str, Any]:
    refusals = decision.refusals
    return {
        "title": _("%(ref)s was not advanced to %(to)s") % {"ref": ref, "to": to},
        "detail": _("It stays where it is until each of these is met. Nothing was changed."),
        "code": refusals[0].code if refusals else "",
        "requirements": [{"message": one.message, "who": ""} for one in refusals],
        "action_url": reverse("deal", args=[ref]),
        "action_label": _("Open the gate"),
    }


def sentence(decision: Decision) -> str:
    """One line for a message: `Not advanced. Credit approved: waiting for Finance. 2 more are open. [GATE-MS-3]`"""
    first, *others = decision.refusals
    more = (
        _(" %(n)s more are open.") % {"n": len(others)} if len(others) > 1 else _(" 1 more is open.") if others else ""
    )
    said = first.message if first.message.startswith("Not advanced.") else _("Not advanced. %s") % first.message
    return f"{said}{more} [{first.code}]"
