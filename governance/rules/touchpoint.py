"""A touchpoint: an event that a function logs on an account until it is settled; and what it does to health."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from governance.rules.hold import WORKS
from governance.rules.verification import Refusal
from ledger.rules.problems import Fault
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.replay import Organisation
from pipeline.rules.seats import SeatView

State = Literal["healthy", "strained", "at-risk"]


class Sort(NamedTuple):
    """`weight`: points of health while it is open. `function`: whose work it concerns."""

    weight: int
    function: str


# The database holds the same table (`governance_touchpointkind`); a test compares the two. A weight never changes:
# another weight is another kind, so that old entries stay true.
SORTS = {
    "billing-error": Sort(15, "finance"),
    "late-payment": Sort(10, "finance"),
    "defect": Sort(20, "operations"),
    "late-delivery": Sort(20, "operations"),
    "delayed-hire": Sort(10, "operations"),
    "complaint": Sort(15, "sales"),
    "contact-lost": Sort(10, "sales"),
    "contract-dispute": Sort(25, "legal"),
}
FULL, STRAINED, AT_RISK = 100, 80, 50  # below 80 strained, below 50 at risk


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """As the record has it. `id` is the entry that logged it, `logged_as` the function of who did."""

    id: int
    account: int
    kind: str
    weight: int
    function: str
    logged_by: int
    logged_as: str
    logged_at: datetime
    settled_by: int | None = None
    settled_at: datetime | None = None
    entry: int = 0

    @property
    def open(self) -> bool:
        return self.settled_at is None


Touchpoints = dict[int, Touchpoint]


def health(weights: Iterable[int]) -> int:
    """100 less the weights of what is open, never below 0: a defect (20) and a billing error (15) leave 65."""
    return max(0, FULL - sum(weights))


def state(score: int) -> State:
    return "healthy" if score >= STRAINED else "strained" if score >= AT_RISK else "at-risk"


def faults(kind: str, what: str) -> list[Fault]:
    found = []
    if kind not in SORTS:
        found.append(Fault("/kind", "TOUCH-1", f"Choose one of: {', '.join(SORTS)}."))
    if not 3 <= len(what.strip()) <= 2000:
        found.append(Fault("/what", "TOUCH-2", "Say what happened, in 3 to 2,000 characters."))
    return found


def logging(seats: Iterable[SeatView], function: str = "") -> tuple[str, Refusal | None]:
    """Any function logs what it sees, wherever its seat is."""
    held = [seat.function for seat in seats if seat.role in WORKS]
    if held and function in ("", *held):
        return function or held[0], None
    return "", Refusal("TOUCH-3", "A touchpoint is logged by somebody who works in a function.", False)


def settling(seats: Iterable[SeatView], touchpoint: Touchpoint) -> Refusal | None:
    """Whose work it concerns, or the function that logged it."""
    near = {touchpoint.function, touchpoint.logged_as}
    if any(seat.function in near and seat.role in WORKS for seat in seats):
        return None
    who = " or ".join(dict.fromkeys((touchpoint.function, touchpoint.logged_as)))
    return Refusal("TOUCH-4", f"This touchpoint is settled by {who}.", False)


# Read again from the record.

KINDS = ("touchpoint.logged", "touchpoint.settled")


def take(held: Touchpoints, entry: Entry) -> None:
    body, account = entry.body, int(entry.stream.split("/")[1])
    if entry.kind == "touchpoint.logged":
        held[entry.id] = Touchpoint(
            entry.id, account, body["touchpoint_kind"], body["weight"], body["concerns"], entry.actor,
            body["function"], entry.recorded_at, entry=entry.id,
        )  # fmt: skip
        return
    was = held[body["touchpoint"]]
    held[was.id] = replace(was, settled_by=entry.actor, settled_at=entry.recorded_at, entry=entry.id)


def act(entry: Entry, organisation: Organisation, held: Touchpoints) -> Iterator[Deviation]:
    """What was unlawful in an entry of `KINDS`."""
    body, seats = entry.body, organisation.seats_of(entry.actor, entry.recorded_at)
    refusal: Refusal | None
    if entry.kind == "touchpoint.logged":
        said = (body["weight"], body["concerns"])
        known = SORTS.get(body["touchpoint_kind"])
        if known is None or said != tuple(known):
            yield Deviation("touchpoint_kind", known, said)
        _function, refusal = logging(seats, body["function"])
    else:
        was = held.get(body["touchpoint"])
        if was is None or not was.open:
            yield Deviation("touchpoint", "an open touchpoint of this account", body["touchpoint"])
            return
        refusal = settling(seats, was)
    if refusal is not None:
        yield Deviation("actor", f"somebody who may: {refusal.sentence} [{refusal.code}]", entry.actor)
