"""The facts of a deal, amended in place. A conflict shows what was and what is, and keeps what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import http
from ledger.rules import money
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, Problem
from ledger.web.door import go, once, page
from pipeline import permissions
from pipeline.commands import amending, references
from pipeline.queries import choices, deals, heads, policies
from pipeline.queries.heads import Head
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.web import changes, fields, shown_at
from pipeline.web.reader import reader


class Facts(fields.Asked):
    def __init__(self, policy: Policy, view: DealView, head: Head, currency: str, data: Any = None) -> None:
        texts = {"title": head.title, "description": head.description}
        super().__init__(data, initial=texts | initial(policy, view, currency))
        self.fields["title"] = forms.CharField(
            label=_("Title"), max_length=200, help_text=_("As the customer says it.")
        )
        self.fields["description"] = forms.CharField(
            label=_("Description"), widget=forms.Textarea(attrs={"rows": 3, "maxlength": 10_000})
        )
        fields.put_core(self.fields, policy, view.currency or currency)
        contacts = choices.contacts(view.account)
        for key, known in policy.inputs.items():
            if key in fields.CORE:
                continue
            self.fields[key] = fields.of_input(known, contacts)
            if known.type == "contact":
                self.fields[f"new_{key}"] = forms.CharField(
                    label=_("Or name a new contact"), required=False, help_text=_("Added to the account of this deal.")
                )

        for name, field in self.fields.items():
            field.required = not name.startswith("new_") and name != "description"

    def wording(self) -> dict[str, str]:
        return {name: self.data[name] for name in ("title", "description") if name in self.data}

    def stated(self, policy: Policy) -> dict[str, Any]:
        """What differs from what the form showed; an amount always goes with its currency."""
        said = {
            name: self.data[name].strip()
            for name in self.fields
            if name in self.data and self.data[name].strip() != str(self.initial.get(name, ""))
        }
        if "currency" in said or "amount" in said:
            said["amount"] = self.data.get("amount", "").strip().replace(",", "")
            said["currency"] = self.data.get("currency", "")
        return {name: value for name, value in said.items() if name in policy.inputs or name in fields.CORE}


def initial(policy: Policy, view: DealView, currency: str) -> dict[str, str]:
    known = {
        "amount": "" if view.amount_minor is None else money.plain(view.amount_minor, view.currency or currency),
        "currency": view.currency or currency,
        "close_on": view.close_on.isoformat() if view.close_on else "",
        "start_on": view.start_on.isoformat() if view.start_on else "",
    }
    others = {key: view.inputs.get(key) for key in policy.inputs if key not in fields.CORE}
    return known | {key: "" if value is None else str(value) for key, value in others.items()}


@page
def facts(request: HttpRequest, ref: str) -> HttpResponse:
    """GET: the form. POST: amended, or the form again with every fault or the conflict."""
    read = reader(request)
    deal = deals.read_one(deals.number_of(ref))
    permissions.check_can_act(http.actor(request, "web"), read.seats, deal.view)
    policy = policies.version(deal.view.policy_version)
    head = heads.head(deal.view.id)
    form = Facts(policy, deal.view, head, read.company.currency, request.POST or None)
    diff: list[dict[str, Any]] = []
    status = 200
    if request.method == "POST":
        said = request.POST.get("version", "")
        seen = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
        diff = changes.since(deal.view, policy, seen, read) if seen < deal.view.version else []
        if diff:
            status = 409
        else:
            try:
                target = once(request, lambda: _amend(request, form, deal.view, policy))
                messages.success(request, _("The facts are amended. What rested on the old ones was checked again."))
                return go(request, target)
            except Problem as problem:
                status = problem.status
                fields.blame(form, problem.faults or [Fault("", problem.slug.upper(), problem.detail)])
    context = {
        "form": form,
        "fields": list(form),
        "head": head,
        "version": deal.view.version,
        "shown": shown_at.mark(request),
        "diff": diff,
        "decides": [(known.name, known.decides) for known in policy.inputs.values()],
    }
    return render(request, "pipeline/facts.html", context, status=status)


def _amend(request: HttpRequest, form: Facts, view: DealView, policy: Policy) -> str:
    by = http.actor(request, "web")
    stated = form.stated(policy)
    for key, known in policy.inputs.items():
        name = request.POST.get(f"new_{key}", "").strip()
        if known.type == "contact" and name:
            stated[key] = _contact(view, name, by)
    amending.amend(view.id, stated, by=by, expected=view.version, wording=form.wording())
    shown_at.keep(request, form, policy)
    return reverse("deal", args=[view.ref])


def _contact(view: DealView, name: str, by: Actor) -> int:
    if view.account is None:
        raise Problem("no-account", 422, _("The deal has no account"), _("Name the account first. [DEAL-ACCOUNT-3]"))
    return references.add_contact(view.account, name, by=by).pk
