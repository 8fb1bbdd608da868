"""What every call of the interface has in common."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from ledger import http
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem

LARGEST_JSON = 1024 * 1024
LARGEST_FORM = 24 * 1024 * 1024


class AlwaysJson(BaseContentNegotiation):
    """One representation: JSON, whatever the caller would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        media_type = (request.content_type or "application/json").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """Reads JSON only. `actor` is who acts through this door, `seats` what they sit on."""

    content_negotiation_class = AlwaysJson
    parser_classes = [parser for parser in APIView.parser_classes if parser.media_type == "application/json"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        form = (request.content_type or "").startswith("multipart/")
        most = LARGEST_FORM if form else LARGEST_JSON
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            say = f"At most {most // 1024 // 1024} MiB are read here."
            raise Problem("body-too-large", 413, "The body is too large", say)

    @property
    def actor(self) -> Actor:
        return http.actor(self.request, "api")

    @property
    def seats(self) -> Any:
        return self.request.seats  # type: ignore[attr-defined]
