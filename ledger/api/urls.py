from django.urls import URLPattern, URLResolver, path

from ledger.api import proofs
from ledger.api.entries import Entries
from ledger.api.keys import Keys

urlpatterns: list[URLPattern | URLResolver] = [
    path("ledger/entries/", Entries.as_view(), name="api-entries"),
    path("ledger/checkpoints/", proofs.Checkpoints.as_view(), name="api-checkpoints"),
    path("ledger/keys/", Keys.as_view(), name="api-keys"),
    path("ledger/proofs/inclusion/", proofs.Inclusion.as_view(), name="api-inclusion"),
    path("ledger/proofs/consistency/", proofs.Consistency.as_view(), name="api-consistency"),
]
