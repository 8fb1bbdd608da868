from django.urls import URLPattern, URLResolver, path

from ledger.api.entries import Entries

urlpatterns: list[URLPattern | URLResolver] = [path("ledger/entries/", Entries.as_view(), name="api-entries")]
