"""What happened to a deal, newest first, with the names of who did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.queries import entries
from ledger.queries.entries import EntryView
from pipeline.queries import detail, people
from pipeline.rules.seats import SeatView


@dataclass(frozen=True, slots=True)
class Timeline:
    """`names` by person; `next` is the cursor of the following page."""

    entries: tuple[EntryView, ...]
    names: dict[int, str]
    next: int | None


def of_deal(
    seats: Sequence[SeatView],
    number: int,
    *,
    before: int | None = None,
    limit: int = 50,
) -> Timeline:
    """The entries of a deal that these seats may see; `before` is the place of the last one seen."""
    detail.visible(seats, number)
    rows = entries.timeline(f"deal/{number}", before=before, limit=limit + 1)
    shown = tuple(rows[:limit])
    following = shown[-1].seq if len(rows) > limit else None
    return Timeline(shown, people.names({entry.actor for entry in shown}), following)
