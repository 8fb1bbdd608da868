"""Holds read again from the record: where each stands, and whether each step was lawful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from governance.rules import hold as rules
from governance.rules.hold import Hold
from governance.rules.verification import Refusal
from ledger.rules.actor import Actor
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.deal import DealView
from pipeline.rules.policy import HISTORY, LOST
from pipeline.rules.replay import Organisation

OF_DEAL = ("hold.placed", "hold.released")
OF_ACCOUNT = ("account.held", "account.released")
KINDS = (*OF_DEAL, *OF_ACCOUNT)
Holds = dict[int, Hold]
# Moments of two streams: each may be this far from the clock of the database (the trigger allows 5 s either way).
_APART = timedelta(seconds=10)


def take(held: Holds, entry: Entry) -> None:
    """Moves the holds of a stream along."""
    body, number = entry.body, int(entry.stream.split("/")[1])
    if entry.kind in ("hold.placed", "account.held"):
        of_account = entry.kind == "account.held"
        held[entry.id] = Hold(
            entry.id, None if of_account else number, number if of_account else None, body["key"], body["function"],
            body["facts"]["reason"], entry.actor, entry.recorded_at, body["facts"].get("of"), entry=entry.id,
        )  # fmt: skip
        return
    was = held[body["hold"]]
    held[was.id] = replace(was, released_by=entry.actor, released_at=entry.recorded_at, entry=entry.id)


def on_account(entry: Entry, organisation: Organisation, held: Holds) -> Iterator[Deviation]:
    """What was unlawful in an entry of `OF_ACCOUNT`."""
    seats = organisation.seats_of(entry.actor, entry.recorded_at)
    if entry.kind == "account.held":
        _function, refusal = rules.on_account(seats, entry.body["function"])
        yield from _named(entry, refusal)
        return
    was = held.get(entry.body["hold"])
    if was is None or not was.open:
        yield Deviation("hold", "an open hold of this account", entry.body["hold"])
        return
    yield from _by(entry, rules.releasing_account(seats, was))


def on_deal(
    deal: DealView, entry: Entry, organisation: Organisation, held: Holds, above: Mapping[int, Hold]
) -> Iterator[Deviation]:
    """What was unlawful in an entry of `OF_DEAL`. `above`: the holds of all accounts."""
    by, body = Actor(entry.actor, "shell", on_behalf=entry.said["on_behalf"]), entry.body
    seats = organisation.seats_of(entry.actor, entry.recorded_at)
    if entry.kind == "hold.placed":
        if deal.stage in (LOST, HISTORY):
            yield Deviation("stage", "an open deal", deal.stage)
        if "of" in body["facts"]:
            of = above.get(body["facts"]["of"])
            if of is None or not _stood(of, entry) or (of.account, of.function, of.reason) != (
                deal.account, body["function"], body["facts"]["reason"]
            ):  # fmt: skip
                yield Deviation("of", "an open hold of its account", body["facts"]["of"])
            return
        _function, refusal = rules.on_deal(seats, deal, body["function"])
        yield from _named(entry, refusal)
        return
    was = held.get(body["hold"])
    if was is None or not was.open:
        yield Deviation("hold", "an open hold of this deal", body["hold"])
        return
    if was.of_hold is not None:
        of = above.get(was.of_hold)
        if (
            of is not None
            and of.account == deal.account
            and (of.released_at is None or of.released_at > entry.recorded_at + _APART)
        ):
            yield Deviation("hold", "a hold that its account has released", was.of_hold)
        return
    paid = frozenset(organisation.person_of(seat) for seat in deal.credits)
    yield from _by(entry, rules.releasing(by, seats, deal, was, paid))


def missing(account: int | None, held: Holds, above: Mapping[int, Hold]) -> tuple[list[int], list[int]]:
    """The open holds of its account, and those that a deal follows: for an open deal the two are the same."""
    wanted = [] if account is None else [hold.id for hold in above.values() if hold.open and hold.account == account]
    found = [hold.of_hold for hold in held.values() if hold.open and hold.of_hold is not None]
    return sorted(wanted), sorted(found)


def _stood(hold: Hold, entry: Entry) -> bool:
    at = entry.recorded_at
    return hold.placed_at <= at + _APART and (hold.released_at is None or hold.released_at >= at - _APART)


def _named(entry: Entry, refusal: Refusal | None) -> Iterator[Deviation]:
    if entry.body["key"] != rules.key_at(entry.seq):
        yield Deviation("key", rules.key_at(entry.seq), entry.body["key"])
    if entry.body["facts"]["reason"] not in rules.REASONS:
        yield Deviation("reason", "a reason of the list", entry.body["facts"]["reason"])
    yield from _by(entry, refusal)


def _by(entry: Entry, refusal: Refusal | None) -> Iterator[Deviation]:
    if refusal is not None:
        yield Deviation("actor", f"somebody who may: {refusal.sentence} [{refusal.code}]", entry.actor)
