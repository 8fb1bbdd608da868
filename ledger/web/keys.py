"""/ledger/keys/: the public keys of the record, for anybody. No log-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger import words
from ledger.queries import keys as query


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """Newest first. A retired key stays here for ever: what it signed is checked with it."""
    purposes = {"heads": _("Heads of the tree"), "receipts": _("Receipts")}
    rows = [
        {
            "purpose": purposes[one.purpose],
            "text": one.key.text(),
            "announced": words.moment(one.announced_at),
            "entry": words.count(one.announced_by),
            "retired": words.moment(one.retired_at),
        }
        for one in reversed(query.history())
    ]
    return render(request, "ledger/keys.html", {"rows": rows})
