"""The record itself: newest entries, one stream, one entry with its bytes and how to check them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger import words
from ledger.queries import entries, lag
from ledger.queries import newest as record
from ledger.rules.problems import Problem, forbidden, not_found
from ledger.web import telling
from ledger.web.door import page_at_any_moment
from pipeline.queries import deals, detail, people
from pipeline.queries.reading import Reading
from pipeline.web import verification
from pipeline.web.reader import reader, stamp

READERS = ("auditor", "executive", "steward")


@require_GET
@page_at_any_moment
def ledger(request: HttpRequest) -> HttpResponse:
    """`?stream=deal/7` keeps one stream, `?before=` goes on."""
    read = reader(request)
    if not read.has_role(*READERS):
        raise forbidden(
            _("The whole ledger is open to auditors, executives and policy stewards. The ledger of a deal stands on "
              "its page. [LEDGER-ACT-1]")
        )  # fmt: skip
    stream = request.GET.get("stream", "").strip()[:100]
    before = request.GET.get("before", "")
    rows = record.newest(
        stream, before=int(before) if before.isascii() and before.isdigit() and len(before) < 17 else None
    )
    known = people.names(row.actor for row in rows)
    kept = {"stream": stream} if stream else {}
    following = urlencode({**kept, "before": str(rows[-1].id)}) if len(rows) == record.MOST else ""
    context = {
        "rows": [
            {
                "entry": row,
                "position": words.count(row.id),
                "actor": known.get(row.actor, ""),
                "short": row.hash[:16],
                "moment": words.moment(row.recorded_at, read.zone, read.now, gap=False),
                "sentence": telling.sentence(row, {}),
            }
            for row in rows
        ],
        "stream": stream,
        "sealing": verification.sealing(lag.lag()),
        "page": {
            "text": f"#{words.count(rows[0].id)} – #{words.count(rows[-1].id)}" if rows else "",
            "next_url": f"?{following}" if following else "",
            "first_url": (f"?{urlencode(kept)}" if kept else request.path) if before else "",
        },
        "stamp": stamp(read),
        "empty": {
            "sentence": _("No entry in this stream."),
            "action_url": request.path,
            "action_label": _("Every stream"),
            "icon": "notebook",
        },
    }  # fmt: skip
    return render(request, "ledger/entries.html", context)


@require_GET
@page_at_any_moment
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry: open to the readers of the ledger, and to whoever sees its deal."""
    read = reader(request)
    found = entries.one(number)
    if not read.has_role(*READERS) and not _sees(found.stream, read):
        raise not_found(_("Entry %(n)s") % {"n": number})
    known = people.names([found.actor])
    context = {
        "entry": found,
        "row": telling.row(found, {}, known, read.zone, read.now),
        "position": words.count(found.id),
        "actor": known.get(found.actor, ""),
        "moment": words.moment(found.recorded_at, read.zone, read.now),
        "envelope": record.envelope(number),
        "deal_ref": deals.ref_of(int(found.stream[5:])) if found.stream.startswith("deal/") else "",
        "may_list": read.has_role(*READERS),
    }
    return render(request, "ledger/entry.html", context)


def _sees(stream: str, read: Reading) -> bool:
    if not stream.startswith("deal/"):
        return False
    try:
        detail.visible(read.seats, int(stream[5:]))
    except Problem:
        return False
    return True
