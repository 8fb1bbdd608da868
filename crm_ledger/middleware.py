"""The edge: a name for each request, and how long it took."""

import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from crm_ledger import metrics

Handler = Callable[[HttpRequest], HttpResponse]
_PLAIN = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(get_response: Handler) -> Handler:
    """`request.request_id`, from the caller's X-Request-ID when it is plain, and back in the answer."""

    def handle(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if _PLAIN.fullmatch(given) else str(uuid.uuid4())
        request.request_id = name  # type: ignore[attr-defined]
        # The logging middleware reads the header; it must log the same name.
        request.META["HTTP_X_REQUEST_ID"] = name
        response = get_response(request)
        response["X-Request-ID"] = name
        return response

    return handle


def measure(get_response: Handler) -> Handler:
    """Counts and times requests by route, never by path, so the number of series stays small."""

    def handle(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        route = match.route if match else "unknown"
        metrics.REQUESTS.labels(request.method, route, response.status_code).inc()
        metrics.SECONDS.labels(route).observe(time.perf_counter() - started)
        return response

    return handle
