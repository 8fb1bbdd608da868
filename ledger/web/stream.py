"""A stream that says only "the position is now N". It holds a thread of the web server and nothing else, so it is
capped, ends after five minutes, and a page without one asks every 15 s instead."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from ledger.queries.live import Mark
from ledger.web.door import page
from ledger.web.hub import HUB

LONGEST_SECONDS = 300
PING_SECONDS = 10


class Positions:
    """Text of an event stream: the position now, each change, and a ping that finds out who has gone."""

    def __init__(self) -> None:
        self._seen: Mark | None = None
        self._until = time.monotonic() + LONGEST_SECONDS
        self._here = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if time.monotonic() > self._until:
            raise StopIteration
        found = HUB.wait(self._seen, PING_SECONDS)
        if found is None:
            return ": still here\n\n"
        patience = "" if self._seen else "retry: 3000\n"
        self._seen = found
        return f"{patience}id: {found}\ndata: {found.position}\n\n"

    def close(self) -> None:
        """Called by the server however the stream ends; gives the place to somebody else."""
        if self._here:
            self._here = False
            HUB.leave()


@require_GET
@page
def stream(request: HttpRequest) -> HttpResponse:
    """204 when no more may listen: the browser then stops asking for a stream."""
    if not HUB.join():
        return HttpResponse(status=204)
    connection.close()  # a stream lasts minutes; its thread must not keep a connection that it does not use
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(  # type: ignore[return-value]  # what the door touches, both kinds of answer have
        Positions(), content_type="text/event-stream", headers=headers
    )
