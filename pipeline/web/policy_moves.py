"""Moves of deals under way to a newer policy: asked for with a preview, drafted, signed and carried out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ledger import http, words
from ledger.rules import money
from ledger.rules.problems import Problem, not_found
from ledger.web.door import act, go, once, page, page_at_any_moment
from pipeline import permissions
from pipeline.commands import policy_moves as commands
from pipeline.queries import people, policies
from pipeline.queries import policy_moves as moves
from pipeline.queries.policy_moves import Drafted, Preview, Seen
from pipeline.queries.reading import Reading
from pipeline.rules.policy import SIGNERS, Policy
from pipeline.rules.policy_moves import Move
from pipeline.web.reader import reader

SHOWN = 50
VERDICTS = {
    "shut": ("blocked", _("Next gate shuts")),
    "opens": ("met", _("Next gate opens")),
    "stays": ("waiting", _("Stays")),
    "same": ("not_started", _("Gate as it is")),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says: versions, a unit or all, and old stage → new stage where the reader chose another."""

    source: int
    target: int
    unit: str | None
    stages: dict[str, str]


@page
def asking(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: the preview of what it asks; with `act=draft` the draft that waits for signatures."""
    read = reader(request)
    permissions.check_can_try(read.seats)
    published = [row.version for row in policies.listing(50) if row.published_at is not None]
    asked = _asked(request, published)
    context: dict[str, Any] = {
        "steward": read.has_role("steward"), "asked": asked, "versions": published,
        "units": sorted(read.units.items()), "errors": [],
    }  # fmt: skip
    if len(published) < 2:
        return render(request, "pipeline/policy_move_ask.html", context)
    context["mapping"] = _mapping(asked)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "draft":
                return go(request, once(request, lambda: _draft(request, asked)))
            move = moves.asked(asked.source, asked.target, asked.unit, asked.stages)
            context["preview"] = _preview(moves.preview(move), move, read)
        except Problem as problem:
            context["errors"] = [{"code": one.code, "message": one.message} for one in problem.faults] or [
                {"code": problem.slug, "message": problem.detail}
            ]
    return render(request, "pipeline/policy_move_ask.html", context, status=422 if context["errors"] else 200)


def _asked(request: HttpRequest, published: list[int]) -> Asked:
    """The newest two where nothing is said. `published`: newest first."""
    given = request.POST if request.method == "POST" else request.GET
    newest, before = (*published, 0, 0)[:2]

    def version(name: str, default: int) -> int:
        text = given.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default

    prefix = "stage-"
    stages = {
        name.removeprefix(prefix)[:40]: given[name][:40] for name in given if name.startswith(prefix) and given[name]
    }
    return Asked(version("from", before), version("to", newest), given.get("unit") or None, stages)


def _mapping(asked: Asked) -> list[dict[str, Any]]:
    """Each open stage of the older version, with the open stages that it may go to."""
    rows = {number: policies.row(number) for number in (asked.source, asked.target)}
    if any(row is None or row.published_at is None for row in rows.values()):
        return []
    old, new = policies.version(asked.source), policies.version(asked.target)
    known = [stage.key for stage in new.stages[:-1]]
    return [
        {
            "key": stage.key,
            "name": stage.name,
            "chosen": asked.stages.get(stage.key, stage.key if stage.key in known else ""),
            "choices": [(one.key, one.name) for one in new.stages[:-1]],
        }
        for stage in old.stages[:-1]
    ]


def _draft(request: HttpRequest, asked: Asked) -> str:
    by = http.actor(request, "web")
    number = commands.draft(asked.source, asked.target, unit=asked.unit, stages=asked.stages, by=by)
    messages.success(request, _("The move is drafted. It waits for three signatures."))
    return reverse("policy-move", args=[number])


@page_at_any_moment
def move_page(request: HttpRequest, number: int) -> HttpResponse:
    """A move: what was signed, by whom, and what it would do now."""
    read = reader(request)
    drafted = _one(number)
    context = {
        "move": shape(drafted, read),
        "may_run": _may_run(drafted, read),
        "may_withdraw": not read.past and not drafted.withdrawn and drafted.may_be_withdrawn_by(read.person),
    }
    if not read.past and not drafted.withdrawn and read.visible is None:
        context["preview"] = _preview(moves.preview(drafted.move), drafted.move, read)
    return render(request, "pipeline/policy_move.html", context)


@require_POST
@page
def sign(request: HttpRequest, number: int) -> HttpResponse:
    def signed() -> str:
        ordered = commands.sign(number, request.POST.get("function", ""), by=http.actor(request, "web"))
        told = _("Signed. It was the third signature: the move is ordered.") if ordered else _("Signed.")
        messages.success(request, told)
        return reverse("policy-move", args=[number])

    return act(request, signed)


@require_POST
@page
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    def withdrawn() -> str:
        commands.withdraw(number, request.POST.get("reason", ""), by=http.actor(request, "web"))
        messages.success(request, _("The move is withdrawn. Deals that it has moved stay moved."))
        return reverse("policy-move", args=[number])

    return act(request, withdrawn)


@require_POST
@page
def carry_out(request: HttpRequest, number: int) -> HttpResponse:
    """Moves the next chunk behind the deal that the form names."""
    text = request.POST.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

    def move() -> str:
        done = commands.run(number, after=after, by=http.actor(request, "web"))
        told = ngettext("%(n)s deal moved.", "%(n)s deals moved.", done.moved) % {"n": done.moved}
        if done.stays:
            told += " " + ngettext("%(n)s stays.", "%(n)s stay.", len(done.stays)) % {"n": len(done.stays)}
        messages.success(request, told)
        return reverse("policy-move", args=[number])

    return act(request, move)


def _one(number: int) -> Drafted:
    found = moves.one(number)
    if found is None:
        raise not_found(_("Move %(n)s") % {"n": number})
    return found


def _may_run(drafted: Drafted, read: Reading) -> bool:
    return drafted.ordered is not None and not drafted.withdrawn and not read.past and read.has_role("steward")


def listed(read: Reading) -> list[dict[str, Any]]:
    """Every move as a line, for the page of all policies."""
    return [shape(one, read) for one in moves.listing()[:SHOWN]]


def shape(drafted: Drafted, read: Reading) -> dict[str, Any]:
    """A move with its three signatures and the functions that this reader may sign for."""
    move, signed, figures = drafted.move, drafted.signatures, drafted.figures
    names = people.names([*signed.values(), drafted.drafted_by, *filter(None, [drafted.withdrawn_by])])
    mine = [function for function in drafted.missing if any(seat.function == function for seat in read.seats)]
    may = not read.past and drafted.ordered is None and not drafted.withdrawn and read.person not in signed.values()
    return {
        "number": move.id,
        "url": reverse("policy-move", args=[move.id]),
        "from": move.source,
        "to": move.target,
        "unit": read.units.get(move.unit, move.unit) if move.unit else _("every unit"),
        "stages": move.stages,
        "ordered": words.moment(drafted.ordered_at, read.zone, read.now) if drafted.ordered_at else "",
        "withdrawn": words.moment(drafted.withdrawn_at, read.zone, read.now) if drafted.withdrawn_at else "",
        "withdrawn_by": names.get(drafted.withdrawn_by or 0, ""),
        "drafted": words.moment(drafted.drafted_at, read.zone, read.now),
        "drafted_by": names.get(drafted.drafted_by, ""),
        "signed": len(signed),
        "may_sign": mine if may else [],
        "signatures": [
            {
                "function": read.functions.get(function, function),
                "state": "met" if function in signed else "not_started",
                "who": names.get(signed[function], "") if function in signed else _("not signed yet"),
            }
            for function in SIGNERS
        ],
        "line": _line(figures, read),
    }


def _line(figures: Any, read: Reading) -> str:
    """“14 deals, EUR 1,000.00 · 3 next gates shut · …”: what the signatures stand under."""
    shut = money.text(figures["shut_value"], read.company.currency)
    parts = [
        ngettext("%(n)s deal moves, %(value)s", "%(n)s deals move, %(value)s", figures["deals"]) % {
            "n": figures["deals"], "value": money.text(figures["value"], read.company.currency),
        },
        _("%(n)s next gates shut, %(value)s") % {"n": figures["shut"], "value": shut},
        _("%(n)s next gates open") % {"n": figures["opens"]},
        _("%(n)s milestones planned") % {"n": figures["planned"]},
        _("%(n)s milestones not asked for any more") % {"n": figures["released"]},
        _("%(n)s verifications become stale") % {"n": figures["stale"]},
        _("%(n)s deals stay") % {"n": figures["stays"]},
        _("%(n)s booked keep their version") % {"n": figures["booked"]},
    ]  # fmt: skip
    return " · ".join(parts)


def _preview(found: Preview, move: Move, read: Reading) -> dict[str, Any]:
    old, new = policies.version(move.source), policies.version(move.target)
    rows = [_row(row, old, new, read) for row in _first(found.rows)]
    return {
        "line": _line(found.figures(), read),
        "whole": found.whole,
        "rows": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
    }


def _first(rows: Iterable[Seen]) -> list[Seen]:
    """What shuts first, then what stays, what opens, and what goes on as it is."""
    order = ("shut", "stays", "opens", "same")
    return sorted(rows, key=lambda row: (order.index(row.verdict), -(row.value_minor or 0)))


def _row(row: Seen, old: Policy, new: Policy, read: Reading) -> dict[str, Any]:
    state, word = VERDICTS[row.verdict]
    change = row.change
    brings = [new.inputs[key].name for key in change.asked]
    return {
        "ref": row.ref,
        "title": row.title,
        "url": reverse("deal", args=[row.ref]),
        "unit": read.units.get(row.unit, row.unit),
        "stage": row.stage if row.stage == change.stage else f"{row.stage} → {change.stage}",
        "value": "" if row.value_minor is None else money.text(row.value_minor, read.company.currency),
        "state": state,
        "word": word,
        "why": row.open[:4],
        "asked": ", ".join(brings),
        "planned": ", ".join(template.name for template in change.planned),
        "released": ", ".join(old.milestones[key].name for key in change.released),
        "stale": ", ".join(new.milestones[key].name for key, _fact in change.stale),
    }
