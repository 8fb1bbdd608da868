"""The forms of objectives, targets and roll-ups. What was refused is shown again as it was typed, each fault beside its
field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ledger.rules.problems import Fault, Problem
from ledger.web.door import go, once, refused
from pipeline.queries.reading import Reading
from pipeline.web.fields import Asked, blame
from reporting.queries.measures import MEASURES
from reporting.rules import periods
from reporting.rules.periods import Period

Choices = Sequence[tuple[str, str]]
Typed = Mapping[str, Any] | None


def told(request: HttpRequest, run: Callable[[], str], again: Callable[[Problem], HttpResponse]) -> HttpResponse:
    """Runs a command once and goes where it says; refused, the page comes `again` with the form as it was sent."""
    try:
        return go(request, once(request, run))
    except Problem as problem:
        return refused(request, problem) if problem.status == 404 else again(problem)


def faulted(form: Asked, problem: Problem) -> Asked:
    blame(form, problem.faults or [Fault("", problem.slug.upper(), problem.detail)])
    return form


def objective(read: Reading, period: Period | None, typed: Typed = None) -> Asked:
    return _form("o", typed, {
        "title": _text(_("What is to be reached"), most=200),
        "period": _text(_("Period"), _("A month such as 2026-11, a quarter such as 2026-Q4, or a year.")),
        "unit": _choice(_("Where"), places(read)),
    }, period=_named(read, period))  # fmt: skip


def plan(read: Reading, period: Period | None, typed: Typed = None) -> Asked:
    amounts = _("Amounts in %(currency)s.") % {"currency": read.company.currency}
    return _form("p", typed, {
        "measure": _choice(_("Measure"), measures()),
        "goal": _number(_("Plan"), amounts),
        "period": _text(_("Period")),
        "unit": _choice(_("Where"), places(read)),
    }, period=_named(read, period), measure="booked")  # fmt: skip


def key_result(of: int, typed: Typed = None) -> Asked:
    return _form(f"kr{of}", typed, {
        "title": _text(_("Key result"), most=200, required=False),
        "measure": _choice(_("Measured by"), measures()),
        "base": _number(_("From")),
        "goal": _number(_("To")),
    }, base="0")  # fmt: skip


def revision(base: str | None, goal: str | None, typed: Typed = None) -> Asked:
    return _form("r", typed, {"base": _number(_("From")), "goal": _number(_("Goal"))}, base=base, goal=goal)


def link(typed: Typed = None) -> Asked:
    found = _form("l", typed, {
        "deal": _text(_("Deal")),
        "milestone": _text(_("Milestone"), most=60, required=False),
        "amount": _number(_("Worth"), _("Below zero where the deal takes from the target; 0 takes the link away.")),
    })  # fmt: skip
    found.fields["deal"].widget.attrs["placeholder"] = "D-000123"
    return found


def withdrawal(of: int, typed: Typed = None) -> Asked:
    return _form(f"w{of}", typed, {"reason": _text(_("Why"), most=2000)})


def call(units: Choices, typed: Typed = None) -> Asked:
    words = forms.CharField(label=_("Why you see it so"), widget=forms.Textarea(attrs={"rows": 2, "maxlength": 2000}))
    found = _form("c", typed, {
        "unit": _choice(_("Unit"), units),
        "period": _text(_("Month"), most=7),
        "commit": _number(_("Commit call")),
        "best_case": _number(_("Best-case call")),
        "because": words,
    })  # fmt: skip
    found.fields["period"].widget.attrs["placeholder"] = "2026-12"
    return found


def places(read: Reading) -> Choices:
    """The units that somebody sees; the company first for who sees all of them."""
    whole = read.visible is None
    named = sorted(read.units.items(), key=lambda pair: pair[1])
    return [("", _("Company"))] * whole + [pair for pair in named if whole or pair[0] in (read.visible or ())]


def measures() -> Choices:
    return [(name, one.title) for name, one in sorted(MEASURES.items(), key=lambda pair: pair[1].title)]


def _form(name: str, typed: Typed, fields: Mapping[str, forms.Field], **first: Any) -> Asked:
    found = Asked(typed, auto_id=f"{name}-%s", initial=first)
    found.fields.update(fields)
    return found


def _named(read: Reading, period: Period | None) -> str:
    return (period or periods.quarter_of(read.today, read.company.fiscal_start_month)).name


def _text(label: str, say: str = "", *, most: int = 20, required: bool = True) -> forms.Field:
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": most})
    return forms.CharField(label=label, help_text=say, required=required, widget=widget)


def _number(label: str, say: str = "") -> forms.Field:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(label=label, help_text=say, widget=widget)


def _choice(label: str, choices: Choices) -> forms.Field:
    return forms.CharField(label=label, widget=forms.Select(choices=list(choices)))
