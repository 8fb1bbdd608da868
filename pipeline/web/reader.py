"""Who reads this page: asked once a request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ledger import http, words
from ledger.web.addresses import reverse
from pipeline.queries.reading import Reading, reading


def reader(request: HttpRequest) -> Reading:
    """The reading of this request; the same one for view, context and template."""
    known: Reading | None = getattr(request, "reading", None)
    if known is None or known.person != request.user.pk:
        known = reading(http.actor(request, "web").person)
        request.reading = known  # type: ignore[attr-defined]
    return known


def stamp(read: Reading) -> dict[str, Any] | None:
    """The position stamp of a page that keeps itself fresh; the past does not move."""
    if read.past:
        return None
    return {
        "state": "updated",
        "text": _("Updated now"),
        "position": words.count(read.position),
        "url": "/ledger/",
        "live_url": reverse("ledger-position"),
        "stream_url": reverse("ledger-stream"),
    }
