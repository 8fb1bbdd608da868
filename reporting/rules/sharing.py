"""Who may look at what one person foretold, for what purpose, and what the record keeps of each look."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ledger.rules.replay import Deviation, Entry
from pipeline.rules.seats import SeatView

KINDS = GIVEN, ENDED, LOOKED, NOTED = "sharing.given", "sharing.ended", "sharing.looked", "sharing.noted"
PURPOSES = ("coach", "alert", "audit")  # beside one's own, which needs none


@dataclass(frozen=True, slots=True)
class Sharing:
    """With whom a person shares now; `noted_at` is when their manager last said in which context figures stand."""

    coach: int | None = None
    given_at: datetime | None = None
    noted_at: datetime | None = None
    entry: int = 0


def looking(
    person: int, looker: int, seats: Collection[SeatView], purpose: str, sharing: Sharing, *, alert: bool
) -> str:
    """Why somebody may not look, or empty. `alert`: whether the alert that is named is open and the person's own."""
    if looker == person:
        return ""
    if purpose == "coach":
        return "" if sharing.coach == looker else "It is not shared with you. [SHARE-1]"
    if purpose == "alert":
        leads = any(one.role == "manager" and one.function == "sales" for one in seats)
        return "" if alert and leads else "No open alert of this person is yours to look into. [SHARE-2]"
    if purpose == "audit":
        if not any(one.role == "auditor" for one in seats):
            return "An audit is an auditor's. [SHARE-3]"
        if sharing.noted_at is None:
            return "The manager adds a context note before figures of one person leave the team. [SHARE-4]"
        return ""
    return f"“{purpose[:20]}” is no purpose. Purposes are: {', '.join(PURPOSES)}. [SHARE-5]"


@dataclass(slots=True)
class Shared:
    """One person's stream read again: what stands, and the log of looks without the stream."""

    now: Sharing = Sharing()
    looks: list[tuple[Any, ...]] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        if entry.kind == GIVEN:
            self.now = replace(self.now, coach=entry.body["coach"], given_at=entry.recorded_at, entry=entry.id)
        elif entry.kind == ENDED:
            self.now = replace(self.now, coach=None, given_at=None, entry=entry.id)
        elif entry.kind == NOTED:
            self.now = replace(self.now, noted_at=entry.recorded_at, entry=entry.id)
        elif entry.kind == LOOKED:
            person = int(entry.stream.split("/")[1])
            self.looks.append(
                (entry.id, person, entry.actor, entry.body["purpose"], entry.body["about"], entry.recorded_at)
            )


def deviations(was: Sharing, entry: Entry, seats: Collection[SeatView]) -> Iterator[Deviation]:
    """What was unlawful. Whether an alert was open is what the database refused by then."""
    person = int(entry.stream.split("/")[1])
    if entry.kind in (GIVEN, ENDED) and entry.actor != person:
        yield Deviation("actor", person, entry.actor)
    elif entry.kind == NOTED and not any(one.role == "manager" for one in seats):
        yield Deviation("actor", "a manager", entry.actor)
    elif entry.kind == LOOKED:
        said = looking(person, entry.actor, seats, entry.body["purpose"], was, alert=True)
        if said or entry.actor == person:
            yield Deviation("actor", "somebody with a purpose", said or entry.actor)
