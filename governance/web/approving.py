"""A role approves a deal from its gate."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance.commands import approvals
from ledger import http
from ledger.web.door import act, page
from pipeline.queries import deals


@require_POST
@page
def approve(request: HttpRequest, ref: str, key: str) -> HttpResponse:
    """For the amount as it is now; another amount voids it."""
    number = deals.number_of(ref)
    by = http.actor(request, "web")

    def run() -> str:
        view = approvals.approve(number, key, by=by)
        booked = _(" It was the last condition: the deal is booked.") if view.place == "booked" else ""
        messages.success(request, _("Approved, for the amount as it stands now.") + booked)
        return reverse("deal", args=[view.ref])

    return act(request, run)
