"""The OpenAPI document: the shapes of all apps in one place, and how to log in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from governance.api import schemas as governance
from ledger.api import schemas as ledger
from pipeline.api import schemas as pipeline
from reporting.api import schemas as reporting


def add_components(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Adds every named shape; runs after the paths are collected."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    for app in (ledger, pipeline, governance, reporting):
        schemas.update(app.COMPONENTS)
    return result


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "pipeline.api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A token of manage.py token, or of POST /tokens/."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "pipeline.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "With X-CSRFToken.",
        }
