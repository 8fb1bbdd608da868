"""Screen C: the verification queue. A list and a reading pane; on a phone the pane is a page of its own."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from governance.queries import milestones, people
from governance.queries import queue as query
from governance.queries.milestones import MilestoneRow
from governance.web import pane, turns
from ledger import http, words
from ledger.rules import money
from ledger.rules.problems import Problem
from ledger.web.door import page_at_any_moment
from pipeline.queries import sight
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp


@require_GET
@page_at_any_moment
def queue(request: HttpRequest) -> HttpResponse:
    """`?tab=mine|team|asked|done`, `?milestone=` opens the pane, `?undo=` offers to take the last act on one back."""
    read = reader(request)
    found = query.waiting(read)
    tab = request.GET.get("tab", "mine")
    rows = {"team": found.team, "asked": found.asked, "done": []}.get(tab, found.mine)
    rows = query.done(read) if tab == "done" else rows
    rows = rows if tab in ("asked", "done") else sorted(rows, key=lambda row: _group(row, read))
    chosen = _chosen(request.GET.get("milestone", ""), rows)
    item = pane.pane(chosen, read, http.actor(request, "web")) if chosen else None
    named = "milestone" in request.GET
    context = {
        "tabs": _tabs(found, tab),
        "groups": _groups(rows, read, chosen, tab),
        "item": item,
        "named": named and item is not None,
        "line": _line(found, read),
        "empty": _empty(found, tab),
        "many": _many(found, read) if tab in ("mine", "team") and not read.past else None,
        "undo": _undo(request.GET.get("undo", ""), read),
        "stamp": stamp(read),
        "here": request.get_full_path(),
    }
    part = request.headers.get("HX-Target") == "queue-part"
    return render(request, "governance/queue.html#part" if part else "governance/queue.html", context)


def _chosen(wanted: str, rows: list[MilestoneRow]) -> MilestoneRow | None:
    """The one that was asked for, even when it has left the list; else the first."""
    listed = next((row for row in rows if str(row.id) == wanted), None)
    return listed or _one(wanted) or (rows[0] if rows else None)


def _tabs(found: query.Queue, tab: str) -> list[dict[str, Any]]:
    known = (
        ("mine", _("Mine"), len(found.mine)), ("team", _("Team"), len(found.team)),
        ("asked", _("Asked"), len(found.asked)), ("done", _("Done"), None),
    )  # fmt: skip
    url = reverse("queue")
    return [
        {"label": label, "count": number, "url": url if key == "mine" else f"{url}?tab={key}", "current": key == tab}
        for key, label, number in known
    ]


def _groups(rows: list[MilestoneRow], read: Reading, chosen: MilestoneRow | None, tab: str) -> list[dict[str, Any]]:
    """Overdue, today, this week, later; headed by words."""
    if tab == "done":
        told = [_row(row, read, chosen, tab) for row in rows]
        return [{"name": _("Newest first"), "rows": told}] if told else []
    if tab == "asked":
        parts = (
            (_("You are asked"), lambda row: row.asked_of == read.person),
            (_("The clock rests"), lambda row: row.asked_of != read.person),
        )
        told = [{"name": name, "rows": [_row(row, read, chosen, tab) for row in rows if of(row)]} for name, of in parts]
        return [group for group in told if group["rows"]]
    groups: list[dict[str, Any]] = [{"name": name, "rows": []} for name, _until in _bounds(read)]
    for row in rows:
        groups[_group(row, read)]["rows"].append(_row(row, read, chosen, tab))
    return [group for group in groups if group["rows"]]


def _bounds(read: Reading) -> list[tuple[str, datetime | None]]:
    today = read.now.astimezone(ZoneInfo(read.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        (_("Overdue"), read.now),
        (_("Due today"), today + timedelta(days=1)),
        (_("This week"), today + timedelta(days=7 - today.weekday())),
        (_("Later"), None),
    ]


def _group(row: MilestoneRow, read: Reading) -> int:
    """The place of its group; within one, what holds most value stands first."""
    for at, (_name, until) in enumerate(_bounds(read)):
        due = row.judged_by
        if until is None or (due and due < until):
            return at
    raise AssertionError("the last group has no bound")


def _row(row: MilestoneRow, read: Reading, chosen: MilestoneRow | None, tab: str) -> dict[str, Any]:
    more = f"&tab={tab}" if tab != "mine" else ""
    done = tab == "done"
    return {
        "url": f"{reverse('queue')}?milestone={row.id}{more}",
        "title": f"{row.title} · {row.name}",
        "due": words.moment(row.at, read.zone) if done else words.due(row.judged_by, read.zone, read.now),
        "amount_text": words.short_money(row.value_minor, read.company.currency),
        "asked_by": row.state if done else _whose(row),
        "selected": chosen is not None and row.id == chosen.id,
    }


def _whose(row: MilestoneRow) -> str:
    """Who submitted it, or offered it; who was asked; to whom it was handed over."""
    if row.question is not None:
        return _("%(name)s is asked") % {"name": row.asked_name or ""}
    if row.handed_name:
        return _("handed over to %(name)s") % {"name": row.handed_name}
    return row.preparer_name or (row.actor_name if row.state == "offered" else "") or ""


def _many(found: query.Queue, read: Reading) -> dict[str, Any] | None:
    """What may be handed over at once, and to whom; two of a kind at least."""
    rows = [row for row in found.team if row.state == "submitted"]
    if len(rows) < 2:
        return None
    places = {(row.function, row.unit) for row in rows}
    holders = {person: name for place in sorted(places) for person, name in people.holders(*place)}
    told = [{"id": row.id, "title": f"{row.title} · {row.name}"} for row in rows]
    chosen = sorted(holders.items(), key=lambda one: one[1])
    return {"rows": told, "people": chosen, "request_id": uuid.uuid4()}


def _undo(wanted: str, read: Reading) -> dict[str, Any] | None:
    """The last act, while it may be taken back."""
    row = _one(wanted)
    action = turns.undo(row, read) if row is not None and sight.sees(read.seats, row.deal, row.unit) else None
    if row is None or action is None:
        return None
    return {"what": f"{row.title} · {row.name}", "action": action}


def _one(wanted: str) -> MilestoneRow | None:
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 16):
        return None
    try:
        return milestones.one(int(wanted))
    except Problem:
        return None


def _line(found: query.Queue, read: Reading) -> str:
    if not found.mine:
        return ""
    oldest = max((read.now - row.waits_since(read.now)).days for row in found.mine)
    days = ngettext("%(n)s day", "%(n)s days", oldest) % {"n": oldest}
    held = money.text(found.held_minor(), read.company.currency)
    return _("Oldest waits %(days)s · value held %(held)s") % {"days": days, "held": held}


def _empty(found: query.Queue, tab: str) -> dict[str, str]:
    if tab == "done":
        say, url, label = _("You have decided nothing yet."), reverse("queue"), _("What waits on you")
    elif tab == "asked":
        say, url, label = _("No question is open."), reverse("queue"), _("What waits on you")
    elif found.team and tab == "mine":
        number = len(found.team)
        say = ngettext(
            "Nothing waits on you. Your team has %(n)s.", "Nothing waits on you. Your team has %(n)s.", number
        )
        say, url, label = say % {"n": number}, f"{reverse('queue')}?tab=team", _("See the team's")
    else:
        say, url, label = _("Nothing waits on you or your team."), reverse("board"), _("Go to the board")
    return {"sentence": say, "action_url": url, "action_label": label, "icon": "inbox"}
