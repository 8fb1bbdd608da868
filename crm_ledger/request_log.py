"""One line a request: who, what, how it ended. As django-structlog writes it, without what nobody reads."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.functional import SimpleLazyObject
from django_structlog.middlewares import RequestMiddleware

log = structlog.getLogger(__name__)


class RequestLog(RequestMiddleware):
    """No line when a request begins, no query of its address, and no look for a user where there is no session."""

    def prepare(self, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(request_id=request.META["HTTP_X_REQUEST_ID"])
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self.bind_user_id(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        if hasattr(request, "_raised_exception") or isinstance(response, StreamingHttpResponse):
            super().handle_response(request, response)
            return
        said: dict[str, Any] = {"code": response.status_code, "request": f"{request.method} {request.path}"}
        # A token makes a user known under way; one that nobody asked for stays unknown.
        user = request.__dict__.get("user")
        if user is not None and not isinstance(user, SimpleLazyObject):
            said["user_id"] = user.pk
        log.log(self._log_level_for_status_code(response.status_code), "request_finished", **said)
        structlog.contextvars.clear_contextvars()
