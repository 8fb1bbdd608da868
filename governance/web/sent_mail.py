"""The mail of the demo, which has no mail server: one's own, and everything for an administrator."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from governance import permissions
from governance.queries import sent_mail as query
from governance.web.notifications import number
from ledger import words
from ledger.rules.problems import not_found
from ledger.web.door import page
from pipeline.web.reader import reader

SHOWN = 30


@require_GET
@page
def sent_mail(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise not_found("The page of sent mail")
    read = reader(request)
    all_ = permissions.administers(read.seats)
    to = None if all_ else str(getattr(request.user, "email", "") or "")
    rows = query.sent(to, before=number(request.GET.get("before")), limit=SHOWN + 1)
    context = {
        "all": all_,
        "mails": [{"row": row, "when": words.moment(row.at, read.zone, read.now)} for row in rows[:SHOWN]],
        "next": rows[SHOWN - 1].id if len(rows) > SHOWN else None,
    }
    return render(request, "governance/sent_mail.html", context)
