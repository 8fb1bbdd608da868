"""For auditors: whether the record is sealed and published in time, what the last runs found, and a new one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ledger import http, permissions, words
from ledger.commands import verification
from ledger.queries import lag, verifications
from ledger.queries.verifications import Run
from ledger.web.door import act, page
from pipeline.queries import people
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp

NAMES = ("integrity", "completeness", "lawfulness")


@require_GET
@page
def runs(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    permissions.check_can_read_record(seat.role for seat in read.seats)
    rows, found = verifications.newest(), lag.lag()
    known = people.names(row.asked_by for row in rows)
    working = next((row for row in rows if row.finished_at is None), None)
    context = {
        "sealing": sealing(found),
        "channels": [_channel(channel, read) for channel in found.channels],
        "working": _working(working, known, read) if working else None,
        "rows": [_row(row, known, read) for row in rows if row.finished_at is not None],
        "may_ask": permissions.can_ask_for_verification(seat.role for seat in read.seats),
        "stamp": stamp(read),
    }
    return render(request, "ledger/verification.html", context)


@require_POST
@page
def ask(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    permissions.check_can_ask_for_verification(seat.role for seat in read.seats)

    def run() -> str:
        verification.ask(by=http.actor(request, "web"))
        return reverse("ledger-verification")

    return act(request, run)


def sealing(found: lag.Lag) -> dict[str, Any]:
    """How the record stands: for this page, and in one line above the ledger."""
    late = [channel.name for channel in found.late_channels]
    if found.elsewhere:
        text = _("Nothing is sealed: the record moved to another database cluster.")
    elif found.sealing_is_late:
        seconds = found.unsealed.total_seconds() if found.unsealed else 0
        text = _("Sealing lags: the oldest entry without a seal is %(n)s s old.") % {"n": words.count(round(seconds))}
    elif found.size and not found.channels:
        text = _("No channel publishes the signed heads.")
    elif late:
        text = _("Publication lags: %(names)s.") % {"names": ", ".join(late)}
    else:
        text = _("Sealed and published: %(n)s entries under the newest signed head.") % {"n": words.count(found.size)}
    broken = found.sealing_is_late or bool(late) or bool(found.size and not found.channels)
    return {"text": text, "late": broken, "state": "missed" if broken else "met"}


def _channel(channel: lag.ChannelLag, read: Reading) -> dict[str, Any]:
    behind = channel.behind.total_seconds() if channel.behind else 0
    return {
        "name": channel.name,
        "state": "missed" if channel.is_late else "met",
        "word": _("%(n)s s behind") % {"n": words.count(round(behind))} if channel.is_late else _("In time"),
        "size": words.count(channel.size or 0),
        "moment": words.moment(channel.at, read.zone, read.now, gap=False),
        "fault": channel.fault,
    }


def _working(row: Run, known: Any, read: Reading) -> dict[str, Any]:
    share = min(99, 100 * row.done // row.whole) if row.whole else 0
    return {
        "number": row.id,
        "share": share,
        "started": row.started_at is not None,
        "asked": words.moment(row.asked_at, read.zone, read.now, gap=False),
        "who": known.get(row.asked_by, "") or _("the schedule"),
        "fault": row.fault,
    }


def _row(row: Run, known: Any, read: Reading) -> dict[str, Any]:
    report: dict[str, Any] = row.report or {}
    names = {"integrity": _("Integrity"), "completeness": _("Completeness"), "lawfulness": _("Lawfulness")}
    verdicts = [_verdict(names[name], report[name]) for name in NAMES if name in report]
    first = next((report[name]["first"] for name in NAMES if name in report and report[name]["first"]), None)
    return {
        "number": row.id,
        "asked": words.moment(row.asked_at, read.zone, read.now, gap=False),
        "who": known.get(row.asked_by, "") or (_("the schedule") if row.night else _("the shell")),
        "verdicts": verdicts,
        "first": first,
        "fault": "" if report else row.fault,
        "entries": words.count(report.get("entries", 0)),
        "seconds": words.count(round(report.get("seconds", 0))),
    }


def _verdict(name: str, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "state": "met" if said["ok"] else "rejected",
        "word": _("Holds") if said["ok"] else _("Broken"),
        "checked": words.count(said["checked"]),
        "broken": words.count(said["broken"]),
    }


urlpatterns: list[URLPattern | URLResolver] = [
    path("ledger/verification/", runs, name="ledger-verification"),
    path("ledger/verification/runs/", ask, name="ledger-verification-ask"),
]
