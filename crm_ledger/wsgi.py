"""What the web server loads."""

from __future__ import annotations

import os

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import ResolverMatch


class Handler(WSGIHandler):
    """Django's own, which looks along all routes with each request. Those without a parameter are remembered here."""

    def __init__(self) -> None:
        super().__init__()
        self._literal: dict[str, ResolverMatch] = {}

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        known = self._literal.get(request.path_info)
        if known is not None:
            request.resolver_match = known
            return known
        found: ResolverMatch = super().resolve_request(request)
        if "<" not in found.route and not found.args and not found.kwargs:
            self._literal[request.path_info] = found  # as many as there are such routes
        return found


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_ledger.settings")
django.setup(set_prefix=False)
application = Handler()
