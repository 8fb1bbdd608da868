from django.urls import URLPattern, URLResolver, path

from reporting.web import booked, booked_deals, home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("notices/", home.put_away, name="notices"),
    path("booked/", booked.booked, name="booked"),
    path("booked/deals/", booked_deals.booked_deals, name="booked-deals"),
]
