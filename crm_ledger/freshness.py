"""Whoever reads a deal or a dashboard looks at the deadlines first, so that a stopped scheduler hides no miss.

The look is one probe of an index. Only when something is due does the reader's request do the work of the sweep, for a
bounded number of milestones; the page says how far behind what it shows may still be. A process that has found nothing
due does not look again within `LOOK_EVERY_SECONDS`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from governance.commands import deadlines
from ledger.rules.problems import Problem
from pipeline.queries import deals
from reporting.commands import passing

# Names of the routes that show deals, obligations or sums over them, and the one that open pages ask every 15 s.
LOOKS = frozenset((
    "home", "board", "deals", "deal", "milestone", "queue", "alerts", "alert",
    "booked", "booked-part", "booked-deals", "booked-file", "forecast", "measure-file", "api-forecast",
    "variance", "deal-variance", "ledger-position", "api-deals", "api-deal", "api-gate", "api-timeline",
    "api-milestones", "api-milestone", "api-alerts", "api-alert", "api-heartbeat",
    "api-booked", "api-booked-deals", "api-variance",
))  # fmt: skip
# Those that show revenue by month, which days alone move.
REVENUE = frozenset(("variance", "deal-variance", "api-variance"))


class LookFirst:
    """Middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.found_nothing = -float("inf")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        if "as_of" in request.GET:
            return  # the past has been noted
        if request.method in ("GET", "HEAD") and match is not None and match.url_name in LOOKS:
            request.behind = self._look()  # type: ignore[attr-defined]
            if match.url_name in REVENUE:
                passing.look(_deal(match.kwargs.get("ref") or request.GET.get("deal", "")))

    def _look(self) -> int:
        """Seconds by which the deadlines are behind."""
        began = time.monotonic()
        if began - self.found_nothing < settings.LOOK_EVERY_SECONDS:
            return 0
        behind = deadlines.look()
        if behind == 0:
            self.found_nothing = began
        return behind


def _deal(ref: str) -> int | None:
    """The deal that is asked for, if any; whether there is one says the view itself."""
    try:
        return deals.number_of(ref)
    except Problem:
        return None
