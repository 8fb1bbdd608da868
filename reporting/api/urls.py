from django.urls import URLPattern, URLResolver, path

from reporting.api.booked import Booked, BookedDeals
from reporting.api.exports import Exports
from reporting.api.variance import Variance
from reporting.api.verifications import Verifications

urlpatterns: list[URLPattern | URLResolver] = [
    path("variance/", Variance.as_view(), name="api-variance"),
    path("booked/", Booked.as_view(), name="api-booked"),
    path("booked/deals/", BookedDeals.as_view(), name="api-booked-deals"),
    path("exports/", Exports.as_view(), name="api-exports"),
    path("verifications/", Verifications.as_view(), name="api-verifications"),
]
