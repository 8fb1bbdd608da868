"""Every refusal in one shape: RFC 9457 `application/problem+json`, with a stable `type` and the request id."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from ledger.rules.problems import Problem

BASE = "https://crm-ledger.example/problems/"
MEDIA_TYPE = "application/problem+json"

# Exceptions of the framework → slug and title. The first match counts.
_KNOWN: list[tuple[type[exceptions.APIException], str, str]] = [
    (exceptions.ValidationError, "invalid-input", "Some of the input is not valid"),
    (exceptions.ParseError, "malformed-body", "The body cannot be read"),
    (exceptions.NotAuthenticated, "not-authenticated", "Log in first"),
    (exceptions.AuthenticationFailed, "not-authenticated", "Log in first"),
    (exceptions.PermissionDenied, "not-allowed", "You may not do this"),
    (exceptions.NotFound, "not-found", "There is no such thing here"),
    (exceptions.MethodNotAllowed, "method-not-allowed", "This address does not take that method"),
    (exceptions.NotAcceptable, "not-acceptable", "No such representation"),
    (exceptions.UnsupportedMediaType, "unsupported-media-type", "Send another media type"),
    (exceptions.Throttled, "too-many-requests", "Too many requests"),
]


def body(
    slug: str, status: int, title: str, detail: str, request_id: str, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The members of a problem. `more` may add members but not replace these."""
    return {
        **(more or {}),
        "type": BASE + slug,
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }


def json_problem(request: HttpRequest, slug: str, status: int, title: str, detail: str) -> JsonResponse:
    """For plain Django views."""
    members = body(slug, status, title, detail, request_id_of(request))
    return JsonResponse(members, status=status, content_type=MEDIA_TYPE)


def request_id_of(request: Any) -> str:
    return str(getattr(request, "request_id", ""))


def from_problem(fault: Problem, request_id: str) -> dict[str, Any]:
    """A refusal that a rule or a command raised."""
    more = dict(fault.extra or {})
    if fault.errors:
        more["errors"] = fault.errors
    return body(fault.slug, fault.status, fault.title, fault.detail, request_id, more)


def exception_handler(fault: Exception, context: dict[str, Any]) -> Response | None:
    """For DRF: a problem for every exception that is an answer; None for a fault of ours, which is a 500."""
    request_id = request_id_of(context.get("request"))
    headers: dict[str, str] = {}
    if isinstance(fault, Problem):
        members = from_problem(fault, request_id)
    else:
        if isinstance(fault, Http404):
            fault = exceptions.NotFound()
        elif isinstance(fault, PermissionDenied):
            fault = exceptions.PermissionDenied()
        if not isinstance(fault, exceptions.APIException):
            return None
        members, headers = _from_framework(fault, request_id, context.get("view"))
    set_rollback()
    return Response(members, status=members["status"], headers=headers, content_type=MEDIA_TYPE)


def _from_framework(
    fault: exceptions.APIException, request_id: str, view: Any
) -> tuple[dict[str, Any], dict[str, str]]:
    headers = {}
    if challenge := getattr(fault, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(fault, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    slug, title = next(
        ((slug, title) for kind, slug, title in _KNOWN if isinstance(fault, kind)),
        (fault.default_code.replace("_", "-"), "The request was refused"),
    )
    more: dict[str, Any] = {}
    if isinstance(fault, exceptions.ValidationError):
        more["errors"] = list(_errors(fault.detail, ""))
        detail = f"{len(more['errors'])} fault(s); see errors."
    else:
        detail = _remedy(fault, view) or str(fault.detail)
    return body(slug, fault.status_code, title, detail, request_id, more), headers


def _remedy(fault: exceptions.APIException, view: Any) -> str:
    """What the framework says without a way out, with one: what this address takes."""
    if isinstance(fault, exceptions.NotAuthenticated):
        return (
            "No token came with this request. Send Authorization: Bearer TOKEN; a token is made under Your settings, "
            "or printed by manage.py token EMAIL."
        )
    if isinstance(fault, exceptions.MethodNotAllowed) and view is not None:
        return f"It takes {', '.join(view.allowed_methods)}."
    if isinstance(fault, exceptions.UnsupportedMediaType) and view is not None:
        return f"Send it as {' or '.join(parser.media_type for parser in view.parser_classes)}."
    return ""


def _errors(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """DRF's nested lists and mappings, flattened to JSON pointers (RFC 6901)."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            step = "" if key == "non_field_errors" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from _errors(inner, pointer + step)
    elif isinstance(detail, list):
        nested = any(isinstance(item, dict | list) for item in detail)
        for index, item in enumerate(detail):
            yield from _errors(item, f"{pointer}/{index}" if nested else pointer)
    else:
        yield {"pointer": pointer, "code": str(getattr(detail, "code", "invalid")), "message": str(detail)}
