"""Screen A: the board. Columns of the policy in force, each card with what holds it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger import http, words
from ledger.rules.problems import Problem
from ledger.web.door import page_at_any_moment, retarget
from pipeline.queries import board as query
from pipeline.queries import policies
from pipeline.queries.reading import Reading
from pipeline.rules.policy import Policy
from pipeline.web import board_filters, cards, gate_rows
from pipeline.web.reader import reader, stamp
from pipeline.web.refusal import of_deal


@require_GET
@page_at_any_moment
def board(request: HttpRequest) -> HttpResponse:
    """`?unit= owner= waiting=` filter, `?stage=` is the tab of a phone, `?refused=` shows why a move was refused."""
    read = reader(request)
    filters = board_filters.read(request.GET, read)
    if read.policy is None:
        return render(request, "pipeline/board.html", {"empty": _no_policy(read), "stages": []})
    policy = policies.version(read.policy)
    most = query.MOST_JUDGED if filters.waiting else query.MOST_CARDS
    found = query.columns(
        policy, units=filters.visible, unit=filters.unit or None, owner=filters.owner_person, most=most
    )
    stages = [_column(request, column, policy, filters, read) for column in found]
    current = request.GET.get("stage") or next((stage["key"] for stage in stages if stage["count"]), stages[0]["key"])
    for stage in stages:
        stage["current"] = stage["key"] == current
    context = {
        "stages": stages,
        "tabs": [_tab(stage, filters) for stage in stages],
        "filters": filters,
        "stamp": stamp(read),
        "problem": _refused(request, read),
        "empty": None if any(stage["count"] for stage in stages) else _nothing(filters),
        "here": f"{request.path}?{filters.query(stage=request.GET.get('stage', ''))}",
        "may_open": not read.past and any(seat.function == "sales" for seat in read.seats),
    }
    if not request.headers.get("HX-Request"):
        return render(request, "pipeline/board.html", context)
    response = render(request, "pipeline/board.html#board", context | {"part": True})
    return retarget(response, "#board-part")


def _column(
    request: HttpRequest, column: query.Column, policy: Policy, filters: board_filters.Filters, read: Reading
) -> dict[str, Any]:
    judged = [(card, gate_rows.decide(card.deal, read)) for card in column.cards]
    if filters.waiting:
        judged = [(card, decision) for card, decision in judged if cards.waits_on(decision, filters.waiting)]
        column.count, column.total = len(judged), sum(card.deal.view.value_minor or 0 for card, _ in judged)
    by = http.actor(request, "web")
    shown = judged[: query.MOST_CARDS]
    link = f"{reverse('deals')}?{filters.list_query(column.key)}"
    gate = policy.stage(column.key)
    return {
        "key": column.key,
        "name": column.name,
        "count": column.count,
        "sum_text": words.short_money(column.total, read.company.currency) if column.count else "",
        "sum_url": link,
        "more": column.count - len(shown),
        "deals": [cards.card(card, decision, read, by) for card, decision in shown],
        "enters_text": _enters(gate.gate if gate else ()),
    }


def _enters(gate: tuple[Any, ...]) -> str:
    if not gate:
        return _("A new deal starts here.")
    return _("A deal enters when %(n)s requirements are met, the first: %(first)s") % {
        "n": len(gate),
        "first": gate[0].sentence,
    }


def _tab(stage: dict[str, Any], filters: board_filters.Filters) -> dict[str, Any]:
    return {
        "label": stage["name"],
        "count": stage["count"],
        "url": f"?{filters.query(stage=stage['key'])}",
        "current": stage["current"],
    }


def _refused(request: HttpRequest, read: Reading) -> dict[str, Any] | None:
    ref = request.GET.get("refused")
    if not ref:
        return None
    try:
        return of_deal(ref, read)
    except Problem:
        return None


def _nothing(filters: board_filters.Filters) -> dict[str, str]:
    if filters.active:
        return {
            "sentence": _("No deal matches these filters."),
            "action_url": f"{reverse('board')}?{urlencode({'owner': 'any'})}",
            "action_label": _("Show every deal"),
            "icon": "search",
        }
    return {
        "sentence": _("No deals here yet."),
        "action_url": reverse("deal-new"),
        "action_label": _("New deal"),
        "icon": "briefcase",
    }


def _no_policy(read: Reading) -> dict[str, str]:
    return {
        "sentence": _("No policy is in force yet, so there are no stages."),
        "action_url": reverse("policies"),
        "action_label": _("Go to the policy"),
        "icon": "gavel",
    }
