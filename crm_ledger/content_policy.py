"""Content-Security-Policy: one text for every answer, except where a view says otherwise."""

from __future__ import annotations

from functools import cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_OWN = ("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt")


@cache
def _usual() -> str | None:
    """None when the settings hold more than one policy for all, which django-csp then puts together each time."""
    policy = settings.CONTENT_SECURITY_POLICY
    if policy.keys() != {"DIRECTIVES"} or getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None):
        return None
    return build_policy()


class ContentPolicy(CSPMiddleware):
    """The policy of django-csp, put together once. A view that changes it by a decorator of django-csp gets its own."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        usual = _usual()
        if usual is None or settings.DEBUG or hasattr(request, "_csp_nonce") or _has_own(response):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, usual)
        return response


def _has_own(response: HttpResponseBase) -> bool:
    said = vars(response)
    return any(name in said for name in _OWN)
