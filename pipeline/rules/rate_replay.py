"""Who published each rate, judged by the seats of that moment once the record has been read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ledger.rules.actor import SYSTEM_PERSON
from ledger.rules.replay import Deviation, Entry

if TYPE_CHECKING:
    from pipeline.rules.replay import Organisation


def finish(organisation: Organisation) -> Iterator[tuple[Entry, Deviation]]:
    """A rate is the company's: by who holds finance in every unit; the system itself may too."""
    for entry in organisation.published:
        seats = organisation.seats_of(entry.actor, entry.recorded_at)
        if entry.actor != SYSTEM_PERSON and not any(seat.function == "finance" and seat.unit is None for seat in seats):
            yield entry, Deviation("actor", "finance, from a seat that covers every unit", entry.actor)
