"""Waivers of a deal: what is excused, until when, what it costs; asking for one, and the second signature."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance import permissions as duties
from governance.commands import waivers
from governance.queries import evidence
from governance.queries import waivers as query
from governance.queries.waivers import WaiverRow
from governance.rules import waiver as rules
from governance.rules.verification import Refusal
from ledger import http, words
from ledger.queries import entries
from ledger.rules import money
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, Problem, bad_input
from ledger.web.door import act, go, once, page
from pipeline import permissions
from pipeline.queries import deals, heads, policies
from pipeline.queries.deals import Deal
from pipeline.queries.reading import Reading
from pipeline.rules import gate
from pipeline.rules.policy import Policy
from pipeline.web import fields
from pipeline.web.reader import reader, stamp

CHIPS = {
    "requested": ("waiting", "Asked for"), "granted": ("waived", ""), "repaid": ("met", "Repaid"),
    "refused": ("rejected", "Refused"), "ended": ("expired", "Ended unmet"),
}  # fmt: skip


class AskForm(fields.Asked):
    """The reason code, the last day and what makes up for it."""


def form_of(policy: Policy, deal: Deal, rows: Sequence[WaiverRow], read: Reading, data: Any = None) -> AskForm:
    """Only what is owed can be chosen, and nobody has asked for yet."""
    form = AskForm(data)
    asked = {row.waiver.key for row in rows if row.waiver.state == "requested"}
    owed: list[tuple[str, str]] = []
    for stage in policy.stages:
        for rule in stage.gate:
            if rules.requirement_of(policy, rule.key) is None or rule.key in {*asked, *(key for key, _name in owed)}:
                continue
            if gate.judge_one(policy, deal.view, deal.standings, rule, now=read.now).state == "unmet":
                owed.append((rule.key, f"{stage.name}: {rule.sentence.rstrip('. ')}"))
    codes = [(code, code.replace("-", " ").capitalize()) for code in rules.REASONS]
    last = read.today + timedelta(days=rules.MOST_DAYS)
    day = {"type": "date", "min": read.today.isoformat(), "max": last.isoformat()}
    form.fields["requirement"] = forms.CharField(label=_("Requirement"), widget=forms.Select(choices=owed))
    form.fields["reason"] = forms.CharField(label=_("Reason"), widget=forms.Select(choices=codes))
    form.fields["expires"] = forms.CharField(
        label=_("Until"), help_text=_("At most 14 days from now."), widget=forms.DateInput(attrs=day)
    )
    form.fields["compensating_step"] = forms.CharField(
        label=_("What makes up for it until then"),
        help_text=_("A step that somebody takes, in 3 characters or more."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    return form


@page
def of_deal(request: HttpRequest, ref: str) -> HttpResponse:
    """The waivers of a deal; POST asks for one."""
    read, by = reader(request), http.actor(request, "web")
    deal = deals.read_one(deals.number_of(ref))
    permissions.check_can_see(read.seats, deal.view)
    policy = policies.version(deal.view.policy_version)
    rows = query.of_deal(deal.view.id)
    form = form_of(policy, deal, rows, read, request.POST or None)
    if request.method == "POST":
        try:
            return go(request, once(request, lambda: _ask(request, deal.view.id, form, by)))
        except Problem as problem:
            fields.blame(form, problem.faults or [Fault("", problem.slug.upper(), problem.detail)])
    return _page(request, read, by, deal, policy, rows, form)


def _page(
    request: HttpRequest, read: Reading, by: Actor, deal: Deal, policy: Policy, rows: Sequence[WaiverRow], form: AskForm
) -> HttpResponse:
    may = any(
        rules.asking(by, read.seats, deal.view, rule)[1] is None for stage in policy.stages for rule in stage.gate
    )
    told = cards(rows, policy, deal, read, by)
    context = {
        "head": heads.head(deal.view.id),
        "waivers": told,
        "form": form if may and form.fields["requirement"].widget.choices else None,
        "may": may,
        "debt": money.text(sum(rules.debt(row.waiver, read.now) for row in rows), read.company.currency),
        "stamp": stamp(read),
    }
    return render(request, "governance/waivers.html", context, status=422 if form.errors else 200)


def _ask(request: HttpRequest, number: int, form: AskForm, by: Actor) -> str:
    said = {name: str(form.data.get(name, "")).strip() for name in form.fields}
    try:
        expires = date.fromisoformat(said["expires"])
    except ValueError:
        expires = None
    waivers.ask(number, said["requirement"], said["reason"], expires, said["compensating_step"], by=by)
    messages.success(request, _("Asked for. A lead of another function decides."))
    return reverse("deal-waivers", args=[deals.ref_of(number)])


@require_POST
@page
def decide(request: HttpRequest, ref: str, key: str) -> HttpResponse:
    """`decision=granted`, or `refused` with a note."""
    number, by = deals.number_of(ref), http.actor(request, "web")
    decision = request.POST.get("decision", "")

    def run() -> str:
        if decision not in ("granted", "refused"):
            raise bad_input([Fault("/decision", "WAIVER-11", _("Grant or refuse."))])
        waivers.decide(number, key, decision == "granted", by=by, note=request.POST.get("note", ""))
        said = _("Waived. It is owed until it is met.") if decision == "granted" else _("Not waived.")
        messages.success(request, said)
        return reverse("deal-waivers", args=[deals.ref_of(number)])

    return act(request, run)


def cards(rows: Sequence[WaiverRow], policy: Policy, deal: Deal, read: Reading, by: Actor) -> list[dict[str, Any]]:
    """For governance/waiver_card.html, with what this reader may do about each."""
    steps = entries.private_texts([row.waiver.id for row in rows], "step")
    paid = evidence.paid_on(deal.view) if any(row.waiver.state == "requested" for row in rows) else frozenset()
    return [_card(row, steps.get(row.waiver.id, ""), policy, deal, read, by, paid) for row in rows]


def _card(
    row: WaiverRow, step: str, policy: Policy, deal: Deal, read: Reading, by: Actor, paid: frozenset[int]
) -> dict[str, Any]:
    held = row.waiver
    need = rules.requirement_of(policy, held.key)
    state, word = CHIPS[held.state]
    refusal: Refusal | None = None
    if held.state == "requested":
        _function, refusal = rules.deciding(by, read.seats, deal.view, held, paid)
    functions = read.functions
    return {
        "id": held.id,
        "key": held.key,
        "ref": row.ref,
        "name": need.sentence.rstrip(". ") if need else held.key,
        "state": state,
        "word": word,
        "reason": held.reason.replace("-", " "),
        "step": step,
        "asked_by": row.requester,
        "asked_as": functions.get(held.requester_function, held.requester_function),
        "decided_by": row.approver,
        "decided_as": functions.get(held.approver_function or "", held.approver_function or ""),
        "until": words.due(held.valid_until, read.zone, read.now) if held.open else "",
        "debt": money.text(rules.debt(held, read.now), read.company.currency),
        "cost": money.text(rules.promised(held, read.now), read.company.currency),
        "decides": held.state == "requested" and refusal is None and not read.past,
        "takes_back": held.state == "requested" and by.person == held.requester and not read.past,
        "shut": duties.sentence(refusal) if held.state == "requested" and refusal is not None and not read.past else "",
        "request_ids": [uuid.uuid4(), uuid.uuid4()],
    }
