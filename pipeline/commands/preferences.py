"""How a person likes the screens. No fact of the business, so no entry."""

from __future__ import annotations

from ledger.transactions import command
from pipeline.models import Person


@command
def keep_single_keys(person: int, on: bool) -> None:
    Person.objects.filter(pk=person).update(single_keys=on)
