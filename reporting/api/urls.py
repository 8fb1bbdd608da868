from django.urls import URLPattern, URLResolver, path

from reporting.api.booked import Booked, BookedDeals

urlpatterns: list[URLPattern | URLResolver] = [
    path("booked/", Booked.as_view(), name="api-booked"),
    path("booked/deals/", BookedDeals.as_view(), name="api-booked-deals"),
]
