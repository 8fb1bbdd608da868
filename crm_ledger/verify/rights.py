"""Judges again whether whoever moved a deal had the right to, by the seats of that moment.

What follows from an act of somebody else needs no right of its own: a booking and its reversal follow from facts,
voided attestations and stale verifications from an amendment.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.rules.actor import SYSTEM_PERSON, Actor
from ledger.rules.problems import Problem
from ledger.rules.replay import Deviation, Entry
from pipeline import permissions
from pipeline.rules.deal import DealView
from pipeline.rules.seats import SeatView

# Judged by the deal as it stood before the entry: who owned it, where it stood.
MOVES = (
    "deal.advanced", "gate.refused", "deal.returned", "deal.lost", "deal.reopened", "deal.amended", "deal.assigned",
    "wording.changed",
)  # fmt: skip
OPENS = ("deal.opened", "deal.imported")
JUDGED = (*MOVES, *OPENS)
# What the system does with nobody there: a file is imported from the shell, a waiver that ends takes its deal back.
_BY_ITSELF = ("deal.returned", *OPENS)


def actor(was: DealView | None, entry: Entry, seats: tuple[SeatView, ...]) -> Iterator[Deviation]:
    """`seats` are those of the actor, at the moment of the entry."""
    try:
        _check(was, entry, seats)
    except Problem as refusal:
        yield Deviation("actor", f"somebody who may: {refusal.detail}", entry.actor)


def _check(was: DealView | None, entry: Entry, seats: tuple[SeatView, ...]) -> None:
    imported = entry.said["channel"] == "import"
    if entry.actor == SYSTEM_PERSON and (imported or entry.kind in _BY_ITSELF or "claim" in entry.body):
        return
    if imported:
        permissions.check_can_import(seats)
    elif was is None or entry.kind in OPENS:
        permissions.check_can_open(seats)
    elif entry.kind == "deal.assigned":
        permissions.check_can_assign(seats, was)
    else:
        permissions.check_can_act(Actor(entry.actor, "shell", on_behalf=entry.said["on_behalf"]), seats, was)
