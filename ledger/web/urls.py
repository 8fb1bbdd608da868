from django.urls import URLPattern, URLResolver, path

from ledger.web import keys, position

urlpatterns: list[URLPattern | URLResolver] = [
    path("ledger/position/", position.position, name="ledger-position"),
    path("ledger/keys/", keys.keys, name="ledger-keys"),
]
