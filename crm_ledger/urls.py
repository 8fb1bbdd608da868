"""Where everything is mounted; nothing else."""

from django.contrib import admin
from django.urls import include, path

from crm_ledger import health, metrics
from crm_ledger.web import style, welcome

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("crm_ledger.api_urls")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.page, name="metrics"),
    path("style/", style.page, name="style"),
    path("theme/", style.theme, name="theme"),
    path("welcome/", welcome.page, name="welcome"),
    path("welcome/be/", welcome.become, name="welcome-be"),
    path("welcome/clock/", welcome.move_clock, name="welcome-clock"),
    path("", include("pipeline.web.urls")),
    path("", include("governance.web.urls")),
    path("", include("reporting.web.urls")),
    path("", include("ledger.web.urls")),
]

handler400 = "crm_ledger.error_views.bad_request"
handler403 = "crm_ledger.error_views.forbidden"
handler404 = "crm_ledger.error_views.not_found"
handler500 = "crm_ledger.error_views.server_error"
