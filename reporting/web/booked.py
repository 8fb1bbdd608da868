"""Screen D: booked. One number, the same for all, at any moment, with everything behind it one click away."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from governance.queries import home, targets
from ledger import words
from ledger.rules import money
from ledger.web.addresses import reverse
from ledger.web.door import page_at_any_moment
from pipeline.commands.policies import SIGNERS
from pipeline.queries import policies
from pipeline.queries.reading import Reading
from pipeline.web import gate_rows
from pipeline.web.reader import reader, stamp
from reporting.queries import asking, booked_measures
from reporting.queries.booked import Booked
from reporting.rules import periods
from reporting.rules.periods import Period
from reporting.rules.receipt import Claim, certified
from reporting.web import booked_compare, booked_parts, period_words, receipt_parts, remembered
from reporting.web.question import question

MOST_MONTHS = 6  # columns of the table, before it counts in quarters


@require_GET
@page_at_any_moment
def booked(request: HttpRequest) -> HttpResponse:
    """`?period=2026-Q4` (a month, a quarter, a year or `all`), `?as_of=`; `whole=1` has every part in the page, and
    `compare=` sets the number beside what was known at another moment."""
    read = reader(request)
    period = period_of(request, read)
    try:
        context = _number(read, period)
        remembered.keep(read, period, context)
    except OperationalError:
        # Asked too much of, or cut off: the last figure with its age is worth more than none.
        known = None if read.past else remembered.last(read, period)
        if known is None:
            raise
        context = {**known.context, "stale": words.relative(known.at, read.now)}
    part = request.headers.get("HX-Request") == "true"
    if not part:
        whole = request.GET.get("whole") == "1"
        context |= {
            "asked": booked_parts.parts(read, period, whole=whole),
            "whole_url": "" if whole else f"?{urlencode({'period': name_of(period), 'whole': '1'})}",
            "compared": booked_compare.compared(request, read, period),
        }
    context |= {"periods": _periods(period, read), "steps": _steps(period, read), "stamp": stamp(read)}
    context |= {"here": request.get_full_path(), "page_keys": _keys()}
    return render(request, "reporting/booked.html#number" if part else "reporting/booked.html", context)


def _number(read: Reading, period: Period | None) -> dict[str, Any]:
    """The number, its parts, its definition and its receipt."""
    told_booked = asking.tell("booked", question(read, period))
    found = told_booked.asked.once(booked_measures.read)
    links = Links(period)
    claim = told_booked.claim()
    return {
        "period": period_words.called(period),
        "figure": _figure(found.value, links.to(), found),
        "parts": _parts(found, links),
        "table": _table(found, read, links),
        "definition": _definition(found.definition_version, read),
        "receipt": receipt_parts.receipt(told_booked, claim, read, "booked-file"),
        "integrity": _integrity(claim, period),
        "plan": _plan(found, period, read),
        "scope": _("every unit")
        if read.visible is None
        else ", ".join(read.units.get(one, one) for one in read.visible),
        "empty": _empty(read) if not found.rows else None,
        "definition_version": f"v{found.definition_version}",
        "reported_position": words.count(found.position),
    }


def _steps(period: Period | None, read: Reading) -> list[dict[str, str]]:
    """The period before and the one after, for people and for the keys { and }."""
    if period is None:
        return []
    start = read.company.fiscal_start_month
    months = (period.until.year - period.first.year) * 12 + period.until.month - period.first.month
    found = []
    for step, key, label in ((-1, "{", _("Period before")), (1, "}", _("Period after"))):
        first = periods.beside(period, step).first
        name = {1: f"{first:%Y-%m}", 3: periods.quarter_of(first, start).name}.get(
            months, periods.quarter_of(first, start).name[:4]
        )
        found.append(
            {"url": f"?{urlencode({'period': name})}", "key": key, "label": label, "name": period_words.said(name)}
        )
    return found


def _keys() -> list[dict[str, str]]:
    return [
        {"keys": "[ ]", "does": _("A day earlier, a day later")},
        {"keys": "{ }", "does": _("The period before, the period after")},
        {"keys": "n", "does": _("Back to now")},
        {"keys": "c", "does": _("Compare with another moment")},
    ]


def name_of(period: Period | None) -> str:
    return period.name if period else "all"


class Links:
    """Addresses of what is behind a number, in the same period."""

    def __init__(self, period: Period | None) -> None:
        self.said = {"period": period.name if period else "all"}
        self.page = reverse("booked-deals")

    def to(self, **more: str) -> str:
        return f"{self.page}?{urlencode({**self.said, **more})}"

    def of(self, measure: str) -> str:
        return f"{reverse('measure-deals', args=[measure])}?{urlencode(self.said)}"


def period_of(request: HttpRequest, read: Reading) -> Period | None:
    """None is all time; without one it is the present fiscal quarter."""
    name = request.GET.get("period", "")
    start = read.company.fiscal_start_month
    if name == "all":
        return None
    return periods.parse(name, start) if name else periods.quarter_of(read.today, start)


def _figure(value: int, url: str, found: Booked) -> dict[str, str]:
    return {"text": money.text(value, found.currency), "url": url}


def _parts(found: Booked, links: Links) -> list[dict[str, str]]:
    """Lines of their own: what went in, what came out, and what never counts."""
    lines = [
        (_("Gross"), found.gross, "gross", _("what was booked")),
        (_("De-booked"), found.de_booked, "de-booked", _("taken out again, in the month of its own event")),
        (_("Under waiver"), found.under_waiver, "booked-under-waiver", _("not in the number until repaid")),
        (_("Unverified history"), found.unverified_history, "unverified-history",
         _("imported claims; never in the number")),
    ]  # fmt: skip
    return [
        {"label": label, "text": money.text(value, found.currency), "url": links.of(name), "note": note}
        for label, value, name, note in lines
    ]


def _table(found: Booked, read: Reading, links: Links) -> dict[str, Any]:
    """Units down, months across, or quarters when the months are many; each number opens the deals behind it."""
    moved = sorted({row.period for row in found.rows if row.value or row.gross or row.de_booked})
    start = read.company.fiscal_start_month

    def column(month: date) -> str:
        return f"{month:%Y-%m}" if len(moved) <= MOST_MONTHS else periods.quarter_of(month, start).name

    columns = list(dict.fromkeys(column(month) for month in moved))
    values: dict[tuple[str, str], int] = {}
    for row in found.rows:
        if row.period in moved:
            key = (row.unit, column(row.period))
            values[key] = values.get(key, 0) + row.value

    def cell(value: int, **more: str) -> dict[str, str]:
        return {"text": money.text(value, found.currency), "url": links.to(**more) if value else ""}

    rows = []
    for unit in sorted({unit for unit, _column in values}, key=lambda key: read.units.get(key, key)):
        line = [(name, values.get((unit, name), 0)) for name in columns]
        cells = [cell(value, unit=unit, period=name) for name, value in line]
        total = cell(sum(value for _name, value in line), unit=unit)
        rows.append({"name": read.units.get(unit, unit), "cells": cells, "total": total})
    return {"columns": [period_words.said(name) for name in columns], "rows": rows}


def _periods(period: Period | None, read: Reading) -> list[dict[str, Any]]:
    start = read.company.fiscal_start_month
    this = periods.quarter_of(read.today, start)
    before = periods.quarter_of(periods.beside(this, -1).first, start)
    names = [this.name, before.name, this.name[:4], "all"]
    name = period.name if period else "all"
    names = names if name in names else [name, *names]
    return [
        {"label": period_words.said(one), "url": f"?{urlencode({'period': one})}",
         "current": one == name} for one in names
    ]  # fmt: skip


def _definition(version: int, read: Reading) -> dict[str, Any] | None:
    """The words of booked, and who signed them."""
    if not version:
        return None
    signed = policies.signers(version)
    return {
        "version": version,
        "text": policies.version(version).booked_definition,
        "url": reverse("policy", args=[version]),
        "trio": {
            "signed": len(signed),
            "total": len(SIGNERS),
            "reopened": "",
            "signatures": [
                {
                    "function": read.functions.get(function, function),
                    "state": "met" if function in signed else "waiting",
                    "who": signed.get(function, ""),
                }
                for function in SIGNERS
            ],
        },
    }


def _plan(found: Booked, period: Period | None, read: Reading) -> dict[str, str] | None:
    """The plan of this period and these units, and how far booked is above or below it; None where none was set."""
    goal = None if period is None else targets.plan("booked", period.first, period.until, read.visible)
    if goal is None or period is None:
        return None
    gap = found.value - goal
    amount = money.text(abs(gap), found.currency)
    off = _("on plan") if not gap else (_("▲ %s above") if gap > 0 else _("▼ %s below")) % amount
    url = f"{reverse('objectives')}?{urlencode({'period': period.name})}"
    return {"text": money.text(goal, found.currency), "off": off, "url": url}


def _integrity(claim: Claim, period: Period | None) -> dict[str, Any]:
    """Beside the number: how far it rests on proven facts, with what takes from it one click away."""
    return {
        "score": claim.integrity,
        "certified": certified(claim.integrity),
        "url": f"{reverse('integrity')}?{urlencode({'period': period.name if period else 'all'})}",
    }


def _empty(read: Reading) -> dict[str, str]:
    near = 0
    if read.policy:
        cards = home.one_away(policies.version(read.policy), read)
        decisions = [gate_rows.decide(card.deal, read) for card in cards]
        near = sum(decision is not None and len(decision.refusals) == 1 for decision in decisions)
    say = ngettext("%(n)s deal is one requirement away.", "%(n)s deals are one requirement away.", near) % {"n": near}
    return {
        "sentence": _("Nothing is booked in this period yet.") + f" {say}",
        "action_url": reverse("board"),
        "action_label": _("Go to the board"),
        "icon": "chart-bar",
    }
