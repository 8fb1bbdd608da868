"""Opening a piece of evidence: noted for this person, hashed again, then shown or followed."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from governance.commands import downloads, evidence_store, openings
from governance.models import Evidence
from governance.queries import queue
from ledger import http
from ledger.rules.problems import conflict, not_found
from ledger.web.door import page
from pipeline import permissions
from pipeline.web.reader import reader

INLINE = ("application/pdf", "image/png", "image/jpeg", "text/plain")


@require_GET
@page
def evidence(request: HttpRequest, number: int) -> HttpResponse:
    read = reader(request)
    found = queue.piece(number)
    if found is None or not permissions.can_see_unit(read.seats, found[1]):
        raise not_found(_("Evidence %(n)s") % {"n": number})
    piece = found[0]
    downloads.refuse_erased(piece)
    openings.note(piece, by=http.actor(request, "web"))
    if piece.kind == "link":
        return HttpResponseRedirect(piece.value)
    if piece.kind != "file":
        return render(request, "governance/evidence.html", {"piece": piece})
    return _file(piece)


def _file(piece: Evidence) -> HttpResponse:
    if not evidence_store.is_intact(piece.sha256):
        say = _("“%(name)s” is not what was uploaded, or is missing. Tell an auditor. [EVIDENCE-12]") % {
            "name": piece.name
        }
        raise conflict("evidence-altered", _("The file has changed"), say)
    inline = piece.content_type in INLINE
    response = FileResponse(
        evidence_store.path_of(piece.sha256).open("rb"),
        as_attachment=not inline,
        filename=piece.name,
        content_type=piece.content_type or "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    # What was uploaded is shown in a box without rights: no script, no form, no request.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"
    return response  # type: ignore[return-value]
