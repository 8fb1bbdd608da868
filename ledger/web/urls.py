from django.urls import URLPattern, URLResolver, path

from ledger.web import keys, position, stream

urlpatterns: list[URLPattern | URLResolver] = [
    path("ledger/position/", position.position, name="ledger-position"),
    path("ledger/stream/", stream.stream, name="ledger-stream"),
    path("ledger/keys/", keys.keys, name="ledger-keys"),
]
