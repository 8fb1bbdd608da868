"""Title and description: free text beside the terms. Who changed which is on the record; what was said is erasable."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from ledger.commands.append import Draft
from ledger.rules.problems import Fault
from ledger.transactions import step
from pipeline.models import Deal
from pipeline.rules import names

LONGEST = {"title": 200, "description": 10_000}


def faults(said: Mapping[str, str]) -> list[Fault]:
    found = []
    if "title" in said and not (names.plain(said["title"]) and len(said["title"]) <= LONGEST["title"]):
        found.append(Fault("/title", "DEAL-TITLE-1", "A deal has a title of 1 to 200 characters."))
    if len(said.get("description", "")) > LONGEST["description"]:
        found.append(Fault("/description", "DEAL-TEXT-1", "A description has at most 10,000 characters."))
    return found


@step
def change(number: int, said: Mapping[str, str]) -> list[Draft]:
    """Writes what differs to the deal, which the caller has locked; returns the entry that says so, or nothing."""
    deal = Deal.objects.get(pk=number)
    changed = {name: text for name, text in said.items() if getattr(deal, name) != text}
    if not changed:
        return []
    Deal.objects.filter(pk=number).update(**changed)
    private = {name: (str(uuid.uuid4()), text) for name, text in changed.items() if text}
    return [Draft("wording.changed", {"changed": sorted(changed)}, private=private)]
