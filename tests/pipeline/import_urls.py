"""The whole product, with the import mounted whether or not the rooms above have done so."""

from django.urls import include, path

urlpatterns = [
    path("", include("pipeline.web.imports")),
    path("api/v1/", include("pipeline.api.imports")),
    path("", include("crm_ledger.urls")),
]
