"""A new deal: what is known of it today. The gates ask for the rest when it is needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import http
from ledger.rules.problems import Fault, Problem, bad_input
from ledger.web.door import go, once, page
from pipeline import permissions
from pipeline.commands import opening, references
from pipeline.queries import choices, policies
from pipeline.rules.policy import Policy
from pipeline.web import fields, shown_at
from pipeline.web.reader import reader

LINES = 3


class NewDeal(fields.Asked):
    """Fields in the order in which a person knows them."""

    def __init__(self, policy: Policy, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = forms.CharField(label=_("Title"), help_text=_("As the customer says it."))
        self.fields["account"] = forms.CharField(
            label=_("Account"), required=False, help_text=_("Choose a known one by typing its name."),
            widget=forms.TextInput(attrs={"list": "accounts", "autocomplete": "off"}),
        )  # fmt: skip
        self.fields["new_account"] = forms.BooleanField(label=_("This is a new account"), required=False)
        fields.put_core(self.fields, policy, currency)
        for key, known in policy.inputs.items():
            if key not in fields.CORE and known.type != "contact":
                self.fields[key] = fields.of_input(known, [])

    def stated(self) -> dict[str, Any]:
        left = ("title", "account", "new_account")
        said = {name: self.data.get(name, "") for name in self.fields if name not in left}
        return {name: value for name, value in said.items() if value != ""}


@page
def new(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    permissions.check_can_open(read.seats)
    policy = policies.in_force()
    form = NewDeal(policy, read.company.currency, request.POST or None, initial={"currency": read.company.currency})
    if request.method == "POST":
        try:
            target = once(request, lambda: _open(request, form, policy))
            messages.success(request, _("The deal is open. Its first gate says what comes next."))
            return go(request, target)
        except Problem as problem:
            fields.blame(form, problem.faults or [Fault("", problem.slug, problem.detail)])
    context = {
        "form": form,
        "main": [form[name] for name in form.fields if name in ("title", "account", "new_account", "amount", "currency",
                                                               "close_on", "start_on")],
        "more": [form[name] for name in list(form.fields)[7:]],
        "shown": shown_at.mark(request),
        "accounts": choices.accounts(),
        "products": choices.products(),
        "lines": _typed_lines(request),
    }  # fmt: skip
    return render(request, "pipeline/deal_new.html", context, status=422 if form.errors else 200)


def _open(request: HttpRequest, form: NewDeal, policy: Policy) -> str:
    by = http.actor(request, "web")
    stated = form.stated()
    name = request.POST.get("account", "").strip()
    unknown: list[Fault] = []
    if name:
        stated["account"] = _account(name, "new_account" in request.POST, by, unknown)
    lines = [line for line in _typed_lines(request) if line["product"]]
    if lines:
        stated["lines"] = [
            {"product": line["product"], "quantity": line["quantity"], "price": {"amount": line["price"],
             "currency": stated.get("currency", "")}} for line in lines
        ]  # fmt: skip
    try:
        view = opening.open_deal(request.POST.get("title", ""), stated, by=by)
    except Problem as problem:
        if not unknown or not problem.faults:
            raise
        # The account by its name, and whatever else is wrong, at once.
        raise bad_input([*unknown, *(fault for fault in problem.faults if fault.pointer != "/account")]) from None
    shown_at.keep(request, form, policy)
    return reverse("deal", args=[view.ref])


def _account(name: str, fresh: bool, by: Any, unknown: list[Fault]) -> int:
    """The number of an account; of one that is not known, which is a fault in `unknown`, a number that nobody has."""
    known = choices.account_named(name)
    if known is not None:
        return known
    if fresh:
        return references.open_account(name, by=by).pk
    say = _("“%(name)s” is no known account. Choose one, or tick “This is a new account”.") % {"name": name}
    unknown.append(Fault("/account", "DEAL-ACCOUNT-2", say))
    return 0


def _typed_lines(request: HttpRequest) -> list[dict[str, str]]:
    names = ("product", "quantity", "price")
    return [{name: request.POST.get(f"lines-{at}-{name}", "") for name in names} for at in range(LINES)]
