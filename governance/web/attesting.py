"""The attestation trio of a deal: who signed the terms of today, and for whom this reader may sign."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands import attestations
from governance.web.near import Near
from ledger import http, words
from ledger.rules.postings import BOOKED, BOOKED_UNDER_WAIVER
from ledger.web.door import act, page
from pipeline.queries import deals
from pipeline.rules.policy import HISTORY, LOST, Policy


def shape(policy: Policy, near: Near, actors: dict[int, str]) -> dict[str, Any] | None:
    """For components/attestation_trio.html, with the forms of this reader in `forms`."""
    view, read = near.deal.view, near.read
    wanted = {need.function: need for stage in policy.stages for need in stage.gate if need.kind == "attestation"}
    if not wanted or view.stage in (LOST, HISTORY):
        return None
    signatures, forms = [], []
    for function, need in wanted.items():
        standing = near.deal.standings.get(need.key)
        signed = standing is not None and standing.effect == "met" and standing.facts.get("terms") == view.terms
        told: dict[str, Any] = {"function": read.functions.get(function, function), "state": "not_started"}
        if signed and standing is not None:
            told |= {
                "state": "met",
                "who": actors.get(standing.actor, ""),
                "when": words.moment(standing.at, read.zone, read.now, gap=False),
            }
        else:
            told["state"] = "stale" if standing is not None else "not_started"
            told["who"] = near.who_can(function)
            if near.attesting(function, need.key) is None:
                forms.append({"function": function, "name": told["function"], "request_id": uuid.uuid4()})
        signatures.append(told)
    voided = any(item["state"] == "stale" for item in signatures)
    return {
        "signed": sum(item["state"] == "met" for item in signatures),
        "total": len(signatures),
        "reopened": _("The terms changed, so signatures were voided.") if voided else "",
        "signatures": signatures,
        "forms": forms,
        "terms": view.terms,
        "short": view.terms[:12],
        "url": reverse("deal-attest", args=[view.ref]),
    }


_LAST = {
    BOOKED: _(" It was the last one: the deal is booked."),
    BOOKED_UNDER_WAIVER: _(" It was the last one: the deal is booked under waiver."),
}


@require_POST
@page
def attest(request: HttpRequest, ref: str) -> HttpResponse:
    """Signs the terms that the form showed; other terms by now are refused."""
    number = deals.number_of(ref)
    by = http.actor(request, "web")

    def run() -> str:
        function = request.POST.get("function", "")
        view = attestations.attest(number, function, request.POST.get("terms", ""), by=by)
        booked = _LAST.get(view.place or "", "")
        messages.success(request, _("Attested as %(function)s.") % {"function": function} + booked)
        return reverse("deal", args=[view.ref])

    return act(request, run)
