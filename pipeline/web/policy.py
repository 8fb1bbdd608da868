"""Policies: every version with its signatures, and one version readable from end to end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ledger import http, words
from ledger.rules.problems import not_found
from ledger.web.door import act, page, page_at_any_moment
from pipeline.commands import policies as commands
from pipeline.queries import people, policies, trials, usage
from pipeline.queries.policies import PolicyRow
from pipeline.queries.reading import Reading
from pipeline.rules import policy_lint, terms
from pipeline.rules.policy import Policy
from pipeline.web import policy_moves
from pipeline.web.reader import reader


@require_GET
@page_at_any_moment
def policies_page(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    rows = policies.listing(50)
    context = {
        "versions": [version(row, read) for row in rows],
        "steward": read.has_role("steward"),
        "moves": policy_moves.listed(read),
        "may_move": read.visible is None and len(rows) > 1,
        "empty": {
            "sentence": _("No policy is drafted yet."),
            "action_url": reverse("policy-draft") if read.has_role("steward") else "",
            "action_label": _("Draft one"),
            "icon": "gavel",
        },
    }
    return render(request, "pipeline/policies.html", context)


def version(row: PolicyRow, read: Reading) -> dict[str, Any]:
    """A version with its three signatures and the function that this reader may sign for."""
    signed = policies.signatures(row.name, row.hash)
    names = people.names([*signed.values(), row.drafted_by])
    free = [function for function in commands.SIGNERS if function not in signed]
    mine = [function for function in free if any(seat.function == function for seat in read.seats)]
    may = not read.past and row.published_at is None and read.person not in signed.values()
    return {
        "number": row.version,
        "name": row.name,
        "hash": row.hash,
        "url": reverse("policy", args=[row.version]),
        "in_force": row.version == read.policy,
        "published": words.moment(row.published_at, read.zone, read.now),
        "drafted": words.moment(row.drafted_at, read.zone, read.now),
        "drafted_by": names.get(row.drafted_by, ""),
        "may_sign": mine if may else [],
        "trio": {
            "signed": len(signed),
            "total": len(commands.SIGNERS),
            "reopened": "",
            "signatures": [
                {
                    "function": read.functions.get(function, function),
                    "state": "met" if function in signed else "not_started",
                    "who": names.get(signed[function], "") if function in signed else _("not signed yet"),
                }
                for function in commands.SIGNERS
            ],
        },
    }


@require_GET
@page_at_any_moment
def policy_page(request: HttpRequest, version_number: int) -> HttpResponse:
    read = reader(request)
    row = policies.row(version_number)
    if row is None:
        raise not_found(_("Policy version %(n)s") % {"n": version_number})
    policy = policies.version(version_number)
    context = {"version": version(row, read), "policy": policy, **shape(policy, read)}
    return render(request, "pipeline/policy.html", context)


def shape(policy: Policy, read: Reading) -> dict[str, Any]:
    """Stages with gates, inputs with decisions, milestones, budget and cost, in words."""
    anchors = {
        "stage_entry": _("after the stage is entered"),
        "expected_close": _("after the close date"),
        "delivery_start": _("after the start date"),
    }
    return {
        "functions": read.functions,
        "inputs": list(policy.inputs.values()),
        "stages": [
            {"stage": stage, "gate": stage.gate, "planned": policy.planned_in(stage.key)} for stage in policy.stages
        ],
        "milestones": [
            {
                "template": one,
                "due": _("%(n)s days %(anchor)s") % {"n": one.offset_days, "anchor": anchors[one.anchor]},
                "binds": ", ".join(policy.inputs[fact].name if fact in policy.inputs else fact for fact in one.binds),
                "tolerance": ", ".join(_share(fact, share, policy) for fact, share in one.tolerance.items()),
            }
            for one in policy.milestones.values()
        ],
        "budget": budget(policy),
    }


def budget(policy: Policy) -> dict[str, Any]:
    """For components/field_budget_meter.html."""
    cost = trials.cost(policy)
    return {
        "used": len(policy.inputs),
        "limit": policy_lint.MOST_INPUTS,
        "text": _("%(n)s of them can shut a gate.") % {"n": len(policy_lint.gating_inputs(policy))},
        "cost": cost.sentence(),
        "basis": _basis(len(policy.inputs) - len(cost.assumed), len(cost.assumed)),
    }


def _basis(measured: int, assumed: int) -> str:
    """What the cost of inputs stands on."""
    told = []
    if measured:
        say = _("%(n)s measured, by the median of the seconds that forms took")
        told.append(say % {"n": measured})
    if assumed:
        say = _("%(n)s assumed at %(seconds)s s each, since fewer than %(fewest)s answers were seen")
        told.append(say % {"n": assumed, "seconds": usage.SECONDS_AN_INPUT, "fewest": usage.FEWEST})
    return _("Inputs: %(told)s.") % {"told": "; ".join(told)} if told else ""


def _share(fact: str, share: Decimal, policy: Policy) -> str:
    name = policy.inputs[fact].name if fact in policy.inputs else fact
    return f"{name} ± {terms.decimal_text(share * 100)} %"


@require_POST
@page
def sign(request: HttpRequest, version_number: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        published = commands.sign(version_number, request.POST.get("function", ""), by=by)
        told = _("Signed. It was the third signature: this policy is in force.") if published else _("Signed.")
        messages.success(request, told)
        return reverse("policy", args=[version_number])

    return act(request, run)
