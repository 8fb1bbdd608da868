"""A milestone as a page: its evidence, and every act on it as a form that works alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from governance.commands import milestones, openings
from governance.queries import milestones as rows
from governance.web import pane, turns
from ledger import http
from ledger.rules.problems import Fault, bad_input
from ledger.web.door import act, page, page_at_any_moment
from pipeline.web.reader import reader, stamp


@require_GET
@page_at_any_moment
def milestone(request: HttpRequest, ref: str, key: str) -> HttpResponse:
    read = reader(request)
    item = pane.pane(pane.of_key(ref, key), read, http.actor(request, "web"))
    return render(request, "governance/milestone.html", {"item": item, "stamp": stamp(read)})


@require_POST
@page
def add(request: HttpRequest, number: int) -> HttpResponse:
    """A file, or a link, reference or number in `value`."""
    by = http.actor(request, "web")

    def run() -> str:
        file = request.FILES.get("file")
        kind = request.POST.get("kind", "file")
        if kind == "file":
            if file is None:
                raise bad_input([Fault("/file", "EVIDENCE-11", _("Choose a file first."))])
            head = file.read(8192)
            file.seek(0)
            milestones.add_file(number, file.name or "", file.chunks(), file.size or 0, head, by=by)
        else:
            milestones.add_value(number, kind, request.POST.get("value", ""), by=by, name=request.POST.get("name", ""))
        messages.success(request, _("The evidence is kept."))
        return _page_of(number)

    return act(request, run)


@require_POST
@page
def submit(request: HttpRequest, number: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        milestones.submit(number, by=by, note=request.POST.get("note", ""))
        messages.success(request, _("Submitted. Whoever may verify it has been told."))
        return _page_of(number)

    return act(request, run)


@require_POST
@page
def verify(request: HttpRequest, number: int) -> HttpResponse:
    """`decision=verified` once all evidence was opened, or `rejected` with a reason in `note`."""
    by = http.actor(request, "web")
    decision = request.POST.get("decision") or request.GET.get("decision", "")

    def run() -> str:
        note = request.POST.get("note", "")
        if decision == "rejected":
            milestones.reject(number, note, by=by)
            messages.success(request, _("Rejected, with your reason. Its owner has been told."))
        elif decision == "verified":
            openings.verify(number, by=by, note=note)
            messages.success(request, _("Verified, and on record."))
        else:
            raise bad_input([Fault("/decision", "MS-DECIDE-1", _("Verify or reject."))])
        return turns.after(request, number)

    return act(request, run)


@require_POST
@page
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    by = http.actor(request, "web")

    def run() -> str:
        milestones.revoke(number, request.POST.get("note", ""), by=by)
        messages.success(request, _("Revoked. What rested on it was checked again."))
        return _page_of(number)

    return act(request, run)


def _page_of(number: int) -> str:
    row = rows.one(number)
    return reverse("milestone", args=[row.ref, row.key])
