"""Lists by cursor: `{"results": […], "next": url|null}`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api.reading import Reader
from ledger.rules import moments

DEFAULT, MOST = 50, 200


def query(request: Request) -> Reader:
    """The query of an address; a name that is given twice counts with its last value.

    `as_of` was read at the door, where the view has a past.
    """
    said = request.query_params.dict()
    view = request.parser_context.get("view") if request.parser_context else None
    if getattr(view, "at_any_moment", False):
        said.pop(moments.NAME, None)
    return Reader(said, "address")


def limit(asked: Reader) -> int:
    """How many rows are wanted: 50, or up to 200."""
    return min(asked.number("limit", least=1, most=10**6) or DEFAULT, MOST)


def page(request: Request, results: Iterable[Any], after: object = None) -> Response:
    """`after` is the cursor of the next page; None on the last."""
    link = None
    if after is not None:
        query = dict(request.query_params.lists()) | {"after": [str(after)]}
        link = f"{request.build_absolute_uri(request.path)}?{urlencode(query, doseq=True)}"
    return Response({"results": list(results), "next": link})
