"""Whose turn it is: the question, its answer, hand over and undo, for the pane of the queue and as forms that work
alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from governance.commands import turns
from governance.queries import milestones, people
from governance.queries import turns as query
from governance.queries.milestones import MilestoneRow
from governance.rules import turn as rules
from governance.web.near import Near
from ledger import http, words
from ledger.rules.problems import Fault, bad_input
from ledger.web.door import act, back, page
from pipeline.queries.reading import Reading

UNDID = {
    rules.UNDONE: _("Undone: it waits for verification again."), rules.UNASKED: _("The question is withdrawn."),
    rules.HANDED: _("It stands where it stood before."),
}  # fmt: skip


def card(row: MilestoneRow, near: Near, judging: bool, uploaders: Iterable[int]) -> dict[str, Any]:
    """What governance/turn.html shows: the talk so far, and what this reader may do. `judging`: may verify it."""
    read, view = near.read, near.deal.view
    here = row.state == "submitted" and not read.past
    mover = here and rules.moving(read.seats, view, near.deal.standings[row.key]) is None
    without = {*uploaders, row.preparer or 0, row.owner_person, *near.paid, row.handed_to or 0}
    return {
        "talk": [_said(one, read) for one in query.talk(f"deal/{row.deal}", row.key)] if row.turn_entry else [],
        "open": row.question is not None,
        "clock": _clock(row, read),
        "ask": judging and row.question is None,
        "of": row.preparer_name or "",
        "answer": here and row.question is not None and row.asked_of == read.person,
        "handed_to": row.handed_name or "",
        "hand": people.holders(row.function, row.unit, without=without) if mover else [],
        "give_back": bool(mover and row.handed_to),
        "undo": undo(row, read),
        "request_ids": [uuid.uuid4() for _at in range(4)],
    }


def undo(row: MilestoneRow, read: Reading) -> dict[str, Any] | None:
    """The action that takes this reader's last act on it back, open or shut with its reason; None without one."""
    if read.past:
        return None
    stream = f"deal/{row.deal}"
    shut = ""
    if row.state in ("verified", "rejected") and row.requirement == "milestone":
        if row.actor != read.person:
            return None
        if query.is_built_on(stream, row.key, row.entry):
            shut = _("somebody has built on it. Revoke it with a reason instead.")
    elif row.state != "submitted" or not row.turn_entry or query.last_act(row.turn_entry) != read.person:
        return None
    return {
        "label": _("Undo"), "key": "u", "id": "undo", "method": "post", "shut": bool(shut), "reason": shut,
        "url": reverse("milestone-undo", args=[row.id]),
    }  # fmt: skip


def _said(one: query.Said, read: Reading) -> dict[str, Any]:
    word = _("asked") if one.kind == rules.ASKED else _("answered")
    return {
        "who": one.name,
        "word": word,
        "text": one.text,
        "when": words.moment(one.at, read.zone, read.now),
    }


def _clock(row: MilestoneRow, read: Reading) -> str:
    """`The verifier's clock rests since Tue 24 Nov, 10:00, at 2 days. …`"""
    if row.state != "submitted" or not row.turn_entry:
        return ""
    waited = _span(read.now - row.waits_since(read.now))
    if row.asked_at is not None:
        said = _("The verifier's clock rests, at %(waited)s. The due date runs on: a miss stays a miss.")
        return said % {"waited": waited}
    if not row.stopped_us:
        return ""
    said = _("The verifier's clock has run for %(waited)s; it rested for %(rest)s while questions were open.")
    return said % {"waited": waited, "rest": _span(timedelta(microseconds=row.stopped_us))}


def _span(span: timedelta) -> str:
    minutes = max(0, span // timedelta(minutes=1))
    if minutes >= 2 * 24 * 60:
        return ngettext("%(n)s day", "%(n)s days", minutes // 1440) % {"n": minutes // 1440}
    if minutes >= 60:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


@require_POST
@page
def ask(request: HttpRequest, number: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        turns.ask(number, request.POST.get("question", ""), by=by)
        messages.success(request, _("Asked. The clock rests until the answer."))
        return after(request, number)

    return act(request, run)


@require_POST
@page
def answer(request: HttpRequest, number: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        turns.answer(number, request.POST.get("answer", ""), by=by)
        messages.success(request, _("Answered. The clock of the verifier goes on."))
        return after(request, number, undo=False)

    return act(request, run)


@require_POST
@page
def hand_over(request: HttpRequest, number: int) -> HttpResponse:
    """`to` a person; empty for the whole team again."""
    by = http.actor(request, "web")

    def run() -> str:
        to = _person(request)
        turns.hand_over(number, to, by=by, note=request.POST.get("note", ""))
        messages.success(request, _("Handed over.") if to else _("Given back to the team."))
        return after(request, number)

    return act(request, run)


@require_POST
@page
def hand_over_all(request: HttpRequest) -> HttpResponse:
    """`milestone` as often as there are some, `to` a person; all of them or none."""
    by = http.actor(request, "web")

    def run() -> str:
        numbers = [int(one) for one in request.POST.getlist("milestone") if _is_number(one)]
        count = turns.hand_over_all(numbers, _person(request), by=by, note=request.POST.get("note", ""))
        messages.success(request, ngettext("%(n)s handed over.", "%(n)s handed over.", count) % {"n": count})
        return back(request)

    return act(request, run)


@require_POST
@page
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        messages.success(request, UNDID[turns.undo(number, by=by)])
        return f"{reverse('queue')}?milestone={number}" if reverse("queue") in back(request) else _page_of(number)

    return act(request, run)


def after(request: HttpRequest, number: int, *, undo: bool = True) -> str:
    """Where a form goes on: in the queue to the next row, with what was done still in reach of an undo."""
    if reverse("queue") not in back(request):
        return _page_of(number)
    return f"{reverse('queue')}?undo={number}" if undo else reverse("queue")


def _page_of(number: int) -> str:
    row = milestones.one(number)
    return reverse("milestone", args=[row.ref, row.key])


def _person(request: HttpRequest) -> int | None:
    given = request.POST.get("to", "")
    if given and not _is_number(given):
        raise bad_input([Fault("/to", "TURN-15", _("Choose a person."))])
    return int(given) if given else None


def _is_number(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) < 16
