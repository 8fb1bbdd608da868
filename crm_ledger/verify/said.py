"""What the record says beside its deals: the organisation, capacity, held accounts, closed periods."""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.rules import hold_replay
from governance.rules.hold_replay import Holds
from governance.rules.replay import Capacity
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.replay import Organisation
from reporting.rules.closing_replay import Periods


@dataclass(slots=True)
class Said(Organisation):
    """Grows with people, days, units, what deals hold of them, and holds of accounts; not with history."""

    capacity: Capacity = field(default_factory=Capacity)
    holds: Holds = field(default_factory=dict)  # of accounts
    periods: Periods = field(default_factory=Periods)

    def take(self, entry: Entry) -> None:
        list(self.deviations(entry))

    def deviations(self, entry: Entry) -> list[Deviation]:
        """Moves on; says what does not follow from what was there."""
        Organisation.take(self, entry)
        if entry.kind in hold_replay.OF_ACCOUNT:
            hold_replay.take(self.holds, entry)
        self.periods.take(entry)
        return list(self.capacity.take(entry))
