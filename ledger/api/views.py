"""What every call of the interface has in common."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from rest_framework.exceptions import AuthenticationFailed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ledger import http
from ledger.queries import moment
from ledger.queries.sealed_sums import one_reading
from ledger.rules import moments
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

    at_any_moment = False  # whether a read takes `?as_of=`
    content_negotiation_class = AlwaysJson
    parser_classes = [parser for parser in APIView.parser_classes if parser.media_type == "application/json"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        form = (request.content_type or "").startswith("multipart/")
        most = LARGEST_FORM if form else LARGEST_JSON
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            say = f"At most {most // 1024 // 1024} MiB are read here."
            raise Problem("body-too-large", 413, "The body is too large", say)
        self._look_back(request)

    def perform_authentication(self, request: Request) -> None:
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            self.check_throttles(request)  # who tries one token after another is a stranger, counted by address
            raise

    def _look_back(self, request: Request) -> None:
        """Reads `as_of` once, for every view; the read that follows is of that moment."""
        self._past = ExitStack()
        if self.at_any_moment and request.method in ("GET", "HEAD"):
            self._past.enter_context(one_reading())
        said = request.query_params.get(moments.NAME)
        if not said or (not self.at_any_moment and request.method in ("GET", "HEAD")):
            return  # a view that has no past refuses the name like any other that it does not know
        if request.method not in ("GET", "HEAD"):
            if request.method == "OPTIONS" or not hasattr(self, str(request.method).lower()):
                return  # it acts on nothing, or is answered with 405
            raise moments.no_act()
        at = moments.parse(said)
        moment.check(at)
        self._past.enter_context(moment.known_at(at))

    def handle_exception(self, exc: Exception) -> Response:
        self._to_now()
        return super().handle_exception(exc)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        self._to_now()
        return super().finalize_response(request, response, *args, **kwargs)

    def _to_now(self) -> None:
        past: ExitStack | None = getattr(self, "_past", None)
        if past is not None:
            past.close()

    @property
    def actor(self) -> Actor:
        return http.actor(self.request, "api")

    @property
    def seats(self) -> Any:
        return self.request.seats  # type: ignore[attr-defined]
