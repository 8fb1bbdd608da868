"""What the record says beside its deals: the organisation, and the capacity of its units."""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.rules.replay import Capacity
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.replay import Organisation


@dataclass(slots=True)
class Said(Organisation):
    """Grows with people, days, units and what deals hold of them; not with history."""

    capacity: Capacity = field(default_factory=Capacity)

    def take(self, entry: Entry) -> None:
        list(self.deviations(entry))

    def deviations(self, entry: Entry) -> list[Deviation]:
        """Moves on; says what does not follow from what was there."""
        Organisation.take(self, entry)
        return list(self.capacity.take(entry))
