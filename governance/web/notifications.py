"""What I was told and how it reached me, with proof; and how I want to hear of things."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from governance import permissions
from governance.commands.notifying import keeping
from governance.models import Habit
from governance.queries import habits, notices, receivers, subscriptions
from governance.web import delivery_rows
from ledger import http, words
from ledger.web.door import act, page
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp

SHOWN = 50


@require_GET
@page
def notifications(request: HttpRequest) -> HttpResponse:
    """`?before=` goes back; `?all=1` shows an administrator everybody's deliveries, without what they say."""
    read = reader(request)
    administers = permissions.administers(read.seats)
    all_ = administers and request.GET.get("all") == "1"
    before = number(request.GET.get("before"))
    context: dict[str, Any] = {"administers": administers, "all": all_, "stamp": stamp(read), "habit": _habit(read)}
    if all_:
        rows = subscriptions.deliveries(before=before, limit=SHOWN + 1)
        context["deliveries"] = [
            {**delivery_rows.delivery(row, read), "to": receivers.name_of(row.receiver)} for row in rows[:SHOWN]
        ]
    else:
        rows = notices.of_person(read.person, before=before, limit=SHOWN + 1)  # type: ignore[assignment]
        context["notices"] = [_notice(row, read) for row in rows[:SHOWN]]
    context["next"] = rows[SHOWN - 1].id if len(rows) > SHOWN else None
    return render(request, "governance/notifications.html", context)


def _notice(row: Any, read: Reading) -> dict[str, Any]:
    return {
        "sentence": row.sentence,
        "link": row.link,
        "when": words.moment(row.at, read.zone, read.now),
        "seen": row.read_at is not None,
        "chip": delivery_rows.chip(row.state),
        "way": {"mail": _("e-mail"), "slack": _("Slack")}.get(row.channel, ""),
        "next": words.moment(row.due_at, read.zone, read.now) if row.state == "waiting" else "",
        "proof": reverse("delivery", args=[row.delivery]) if row.delivery else "",
    }


def _habit(read: Reading) -> dict[str, Any]:
    row = habits.of_person(read.person)
    return {
        "ways": [{"key": key, "name": _(name), "on": row.way == key} for key, name in Habit.WAYS],
        "at_once": row.at_once,
        **{name: str(getattr(row, name))[:5] for name in ("quiet_from", "quiet_until", "digest_at")},
        "zone": row.zone,
        "company_zone": read.zone,
        "slack_host": row.slack_host,
    }


@require_POST
@page
def keep(request: HttpRequest) -> HttpResponse:
    said = {name: request.POST.get(name, "").strip()[:500] for name in
            ("way", "quiet_from", "quiet_until", "digest_at", "zone", "slack")}  # fmt: skip

    def run() -> str:
        keeping.keep(**said, at_once=request.POST.get("at_once") == "on", by=http.actor(request, "web"))
        return reverse("notifications")

    return act(request, run)


@require_GET
@page
def proof(request: HttpRequest, delivery: int) -> HttpResponse:
    """Every attempt of a delivery: of one's own, or of anybody's for an administrator."""
    read = reader(request)
    row, tries = subscriptions.delivery(delivery, read.person, administers=permissions.administers(read.seats))
    context = {
        "row": {**delivery_rows.delivery(row, read), "to": receivers.name_of(row.receiver), "message": row.message},
        "attempts": [delivery_rows.attempt(one, read) for one in tries],
        "back": reverse("developer") if row.receiver.startswith("hook/") else reverse("notifications"),
    }
    return render(request, "governance/delivery.html", context)


def number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 17 else None
