"""Objectives with their key results, and the plan: each measured by a measure, each gap in words and figures."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from governance.rules import targets as rules
from ledger import words
from ledger.rules.problems import Problem
from ledger.web.door import page_at_any_moment
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.queries import progress
from reporting.queries.progress import Measured, WithResults
from reporting.rules import goals, periods
from reporting.rules.periods import Period
from reporting.web import period_words, target_forms, target_rows

SHOWN = 50


@require_GET
@page_at_any_moment
def objectives(request: HttpRequest) -> HttpResponse:
    """`?period=2026-Q4`, a month, a year or `all`; without it the present fiscal quarter."""
    return _objectives(request, request.GET.get("period", ""))


def again(request: HttpRequest, form: str, problem: Problem, of: int = 0) -> HttpResponse:
    """The page with a `form` that was refused: `objective`, `plan`, or of one objective `result` or `withdrawal`."""
    shown = request.POST.get("shown", "")
    try:
        return _objectives(request, shown, Again(form, problem, request.POST, of))
    except Problem:  # nobody but a program writes a period there that cannot be read
        return _objectives(request, "", Again(form, problem, request.POST, of))


class Again(NamedTuple):
    """What was refused, and what was typed; `of` which objective."""

    form: str
    problem: Problem
    typed: Mapping[str, Any]
    of: int

    def fill(self, form: str, of: int = 0) -> Mapping[str, Any] | None:
        return self.typed if (form, of) == (self.form, self.of) else None


def _objectives(request: HttpRequest, name: str, refused: Again | None = None) -> HttpResponse:
    read = reader(request)
    period = _period(name, read)
    found = progress.objectives(read.seats, period, limit=SHOWN)
    plan = progress.of_targets(read.seats, period, purpose="plan", limit=SHOWN)
    may = _may(read)
    forms = {
        "objective": target_forms.objective(read, period, refused and refused.fill("objective")),
        "plan": target_forms.plan(read, period, refused and refused.fill("plan")),
    }
    told = [_objective(one, read, refused) for one in found]
    bound = [one for one in (*forms.values(), *(form for one in told for form in one["forms"])) if one.is_bound]
    for one in bound:
        target_forms.faulted(one, refused.problem)  # type: ignore[union-attr]
    context = {
        "period": period_words.called(period),
        "periods": _periods(period, read),
        "objectives": told,
        "plan": [target_rows.row(one, read) for one in sorted(plan, key=_order)],
        "empty": {"sentence": _("No objective is set for this period."), "icon": "chart-bar"},
        "may": may,
        "forms": forms,
        "shown": period.name if period else "all",
        "refused": bound[0] if bound else None,
        "problem": words.problem(refused.problem, request) if refused and not bound else None,
        "request_ids": [uuid.uuid4() for _at in range(2)],
        "stamp": stamp(read),
    }
    return render(request, "reporting/objectives.html", context, status=refused.problem.status if refused else 200)


@require_GET
@page_at_any_moment
def target(request: HttpRequest, number: int) -> HttpResponse:
    """One target: how far it has come, and the deals that bear on it with their amounts."""
    return _target(request, number)


def target_again(request: HttpRequest, number: int, form: str, problem: Problem) -> HttpResponse:
    """The page with a `form` that was refused: `revision`, `link` or `withdrawal`."""
    return _target(request, number, Again(form, problem, request.POST, number))


def _target(request: HttpRequest, number: int, refused: Again | None = None) -> HttpResponse:
    read = reader(request)
    found = progress.target(read.seats, number)
    one = found.measured.target
    may_set = not read.past and rules.setting(read.seats, one.purpose, one.span.unit) is None
    may_link = not read.past and any(seat.role in rules.LINKING for seat in read.seats)
    unit = found.measured.measure.unit if found.measured.measure else "count"
    base, goal = (goals.text(amount, unit, one.currency or "USD") for amount in (one.base, one.goal))
    forms = {
        "revision": target_forms.revision(base, goal, refused and refused.fill("revision", number)),
        "link": target_forms.link(refused and refused.fill("link", number)),
        "withdrawal": target_forms.withdrawal(number, refused and refused.fill("withdrawal", number)),
    }
    if refused:
        target_forms.faulted(forms[refused.form], refused.problem)
    context = {
        "row": target_rows.row(found.measured, read),
        "definition": found.measured.measure.definition if found.measured.measure else "",
        "objective": found.objective,
        "entry_url": reverse("ledger-entry", args=[one.entry]),
        "links": [
            {
                "title": link.title, "ref": link.ref, "url": reverse("deal", args=[link.ref]),
                "unit": read.units.get(link.unit, link.unit), "milestone": link.link.key.replace("-", " "),
                "amount": target_rows.said(found.measured, link.link.amount),
                "entry": words.count(link.link.entry), "entry_url": reverse("ledger-entry", args=[link.link.entry]),
            } for link in found.links
        ],
        "may_set": may_set and one.state == "set",
        "may_link": may_link and one.state == "set",
        "forms": forms,
        "refused": forms[refused.form] if refused else None,
        "target": one,
        "request_ids": [uuid.uuid4() for _at in range(3)],
        "stamp": stamp(read),
    }  # fmt: skip
    return render(request, "reporting/target.html", context, status=refused.problem.status if refused else 200)


def _objective(found: WithResults, read: Reading, refused: Again | None) -> dict[str, Any]:
    one = found.row.objective
    result = target_forms.key_result(one.id, refused and refused.fill("result", one.id))
    withdrawal = target_forms.withdrawal(one.id, refused and refused.fill("withdrawal", one.id))
    known = [result.progress.percent for result in found.results]
    shares = [min(max(percent, 0), 100) for percent in known if percent is not None]
    return {
        "id": one.id,
        "title": found.row.title,
        "owner": found.row.owner,
        "unit": read.units.get(one.span.unit or "", one.span.unit) or _("Company"),
        "period": period_words.said(one.span.name),
        "percent": sum(shares) // len(shares) if shares else None,
        "forms": [result, withdrawal],
        "results": [target_rows.row(result, read) for result in found.results],
        "entry_url": reverse("ledger-entry", args=[one.entry]),
        "may_set": not read.past and rules.setting(read.seats, "objective", one.span.unit) is None,
        "request_ids": [uuid.uuid4() for _at in range(2)],
    }


def _order(found: Measured) -> tuple[bool, str, str, str]:
    span = found.target.span
    return span.unit is not None, found.target.measure, span.first.isoformat(), span.unit or ""


def _may(read: Reading) -> dict[str, bool]:
    """Whether this reader sets anything at all; each act is judged again by its unit."""

    def any_unit(purpose: str) -> bool:
        return not read.past and any(rules.setting([seat], purpose, seat.unit) is None for seat in read.seats)

    return {"plan": any_unit("plan"), "objective": any_unit("objective")}


def _period(name: str, read: Reading) -> Period | None:
    start = read.company.fiscal_start_month
    if name == "all":
        return None
    return periods.parse(name, start) if name else periods.quarter_of(read.today, start)


def _periods(period: Period | None, read: Reading) -> list[dict[str, Any]]:
    start = read.company.fiscal_start_month
    this = periods.quarter_of(read.today, start)
    following = periods.quarter_of(periods.beside(this, 1).first, start)
    names = [this.name, following.name, this.name[:4], "all"]
    name = period.name if period else "all"
    return [
        {"label": period_words.said(one), "url": f"?{urlencode({'period': one})}",
         "current": one == name} for one in (names if name in names else [name, *names])
    ]  # fmt: skip
