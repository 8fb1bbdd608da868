"""The REST interface, version 1."""

from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from crm_ledger import openapi  # noqa: F401  (says how to log in, before the first description)

# Swagger UI sets style attributes and draws its icons from data addresses; scripts stay as strict as elsewhere.
_readable = csp_update({"style-src": ["'unsafe-inline'"], "img-src": ["data:"]})

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", _readable(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="docs"),
    path("", include("pipeline.api.urls")),
    path("", include("governance.api.urls")),
    path("", include("reporting.api.urls")),
    path("", include("ledger.api.urls")),
]
