"""The edge: a name for each request, and how long it took."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crm_ledger import error_views, metrics

Handler = Callable[[HttpRequest], HttpResponse]
_PLAIN = re.compile(r"[A-Za-z0-9._-]{8,64}")


def client_address(request: HttpRequest) -> str:
    """The peer, or what the outermost of our own proxies saw: what stands further left can be written by anybody."""
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if proxies and len(seen) >= proxies:
        return str(seen[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))


def request_id(get_response: Handler) -> Handler:
    """`request.request_id`, from the caller's X-Request-ID when it is plain, and back in the answer."""

    def handle(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if _PLAIN.fullmatch(given) else str(uuid.uuid4())
        request.request_id = name  # type: ignore[attr-defined]
        # The logging middleware reads the header; it must log the same name.
        request.META["HTTP_X_REQUEST_ID"] = name
        structlog.contextvars.bind_contextvars(ip=client_address(request))
        response = get_response(request)
        response["X-Request-ID"] = name
        return response

    return handle


def keep_to_itself(get_response: Handler) -> Handler:
    """No other site may embed an answer, and no page may ask for what none needs."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response

    return handle


def say_that_no_page_is_here(get_response: Handler) -> Handler:
    """An address that takes forms alone answers a reader with a page, not with nothing."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        read = request.method in ("GET", "HEAD") and not request.path.startswith("/api/")
        if response.status_code != 405 or not read or response.content:
            return response
        told = error_views.no_page(request)
        told["Allow"] = response["Allow"]
        return told

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
