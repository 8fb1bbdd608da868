from django.urls import URLPattern, URLResolver, path

from ledger.web import position

urlpatterns: list[URLPattern | URLResolver] = [
    path("ledger/position/", position.position, name="ledger-position"),
]
