"""Moves deals under way to a newer policy: drafted by a steward, ordered under three signatures, carried out in chunks.

Safe twice and on any number of machines: each deal is judged under its lock, and what is bound to the newer version
already is left alone. What has a reason to stay is told, and tried again by the next run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.commands.append import Draft, append, append_many, lock, lock_many
from ledger.rules.actor import SYSTEM, SYSTEM_PERSON, Actor
from ledger.rules.chain import Chain
from ledger.rules.problems import Fault, Problem, bad_input, conflict, forbidden, not_found
from ledger.transactions import command
from pipeline import permissions
from pipeline.commands import booking
from pipeline.queries import deals, organisation, policies, seats
from pipeline.queries import policy_moves as kept
from pipeline.queries.deals import Deal
from pipeline.queries.organisation import Company
from pipeline.queries.policy_moves import Drafted
from pipeline.rules import policy_moves as rules
from pipeline.rules import value
from pipeline.rules.policy import SIGNERS, Policy

CHUNK = 100  # deals in one transaction
MOST = 2_000  # deals that one run of the timetable looks at; the next run goes on


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did: deals that moved, those that stay with their first reason, and where the next one goes on;
    None when the last deal has been looked at."""

    moved: int
    stays: tuple[tuple[str, Fault], ...] = ()
    after: int | None = None


@command
def draft(
    source: int, target: int, *, by: Actor, unit: str | None = None, stages: Mapping[str, str] | None = None
) -> int:
    """Writes `move.drafted` with the figures of its preview; returns its number, under which it is signed."""
    permissions.check_can_steward(seats.of_person(by.person))
    move = kept.asked(source, target, unit, stages or {})
    found = kept.preview(move)
    row = policies.row(target)
    assert row is not None  # `asked` has looked
    body = {**move.body(), "preview": found.figures()}
    (entry,) = append(lock(f"policy/{row.name}"), Draft("move.drafted", body), by=by)
    return entry.id


@command
def sign(number: int, function: str, *, by: Actor) -> bool:
    """Signs a move for a function; writes `move.signed`, and `move.ordered` with the third signature. Returns whether
    it is ordered now. One person signs for one function."""
    held = seats.of_person(by.person)
    drafted = kept.one(number)
    if drafted is None:
        raise not_found(f"Move {number}")
    if function not in SIGNERS or not any(seat.function == function for seat in held):
        raise forbidden(f"A move is signed for {function[:40]} by somebody who holds it. [POLICY-SIGN-1]")
    chain = lock(drafted.stream)
    drafted = kept.one(number) or drafted  # as it stands under the lock
    if drafted.withdrawn:
        raise _withdrawn(number)
    if drafted.ordered is not None:
        raise conflict("move-ordered", "The move is ordered", f"Move {number} stands under three signatures already.")
    if by.person in drafted.signatures.values():
        raise conflict("move-signed", "You have signed", "One person signs for one function. Ask another to sign.")
    if function in drafted.signatures:
        raise conflict("move-signed", "Already signed", f"{function} has signed move {number} already.")
    append(chain, Draft("move.signed", {"move": number, "function": function}), by=by)
    if len({*drafted.signatures, function}) < len(SIGNERS):
        return False
    append(chain, Draft("move.ordered", {"move": number, **drafted.move.body()}), by=by)
    return True


@command
def withdraw(number: int, reason: str, *, by: Actor) -> None:
    """Ends a move before it is done; writes `move.withdrawn`. Deals that it has moved stay moved.

    Raises forbidden for whoever neither drafted nor signed it, a conflict when it is withdrawn or has nothing to move.
    """
    if not 3 <= len(reason.strip()) <= 300:
        raise bad_input([Fault("/reason", "POLICY-MOVE-13", "Say why it is withdrawn, in 3 to 300 characters.")])
    drafted = kept.one(number)
    if drafted is None:
        raise not_found(f"Move {number}")
    kept.hold(number, alone=True)  # first of all: who is moving deals ends before it is withdrawn
    chain = lock(drafted.stream)
    drafted = kept.one(number) or drafted  # as it stands under the lock
    if not drafted.may_be_withdrawn_by(by.person):
        raise forbidden("A move is withdrawn by who drafted it or signed it. Ask one of them. [POLICY-MOVE-14]")
    if drafted.withdrawn:
        raise _withdrawn(number)
    if drafted.ordered is not None and not kept.candidates(drafted.move, 0, 1):
        raise conflict("move-done", "The move is done", f"Move {number} has moved every deal: nothing is left of it.")
    append(chain, Draft("move.withdrawn", {"move": number}, private={"reason": reason.strip()}), by=by)


def _withdrawn(number: int) -> Problem:
    say = f"Move {number} was withdrawn: it is signed and carried out no more. Draft another. [POLICY-MOVE-15]"
    return conflict("move-withdrawn", "The move is withdrawn", say)


def run(number: int, *, by: Actor, after: int = 0) -> Run:
    """Moves the next chunk of deals behind `after`. Raises forbidden, not-found, a conflict while it is unsigned."""
    if by.person != SYSTEM_PERSON:
        permissions.check_can_steward(seats.of_person(by.person))
    drafted = kept.one(number)
    if drafted is None:
        raise not_found(f"Move {number}")
    if drafted.withdrawn:
        raise _withdrawn(number)
    if drafted.ordered is None:
        missing = ", ".join(drafted.missing)
        raise conflict("move-unsigned", "The move is not ordered", f"Still to sign: {missing}. [POLICY-MOVE-11]")
    numbers = kept.candidates(drafted.move, after, CHUNK)
    moved, stays = rebind(drafted, numbers, by=by) if numbers else (0, ())
    return Run(moved, stays, numbers[-1] if len(numbers) == CHUNK else None)


@command
def rebind(drafted: Drafted, numbers: Sequence[int], *, by: Actor) -> tuple[int, tuple[tuple[str, Fault], ...]]:
    """Writes `deal.rebound` for each of these deals that may move, and what follows from it, in one transaction.
    None of them, once somebody has withdrawn the move."""
    kept.hold(drafted.move.id, alone=False)
    now = kept.one(drafted.move.id)
    if now is None or now.withdrawn:
        return 0, ()
    chains = lock_many([f"deal/{number}" for number in numbers])
    found, company = deals.read(numbers), organisation.company()
    batch: list[tuple[Chain, list[Draft]]] = []
    stays: list[tuple[str, Fault]] = []
    for chain in chains:
        deal = found[int(chain.stream.split("/")[1])]
        drafts = _drafts(drafted, deal, company, stays)
        if drafts:
            batch.append((chain, drafts))
    append_many(batch, by=by)
    for chain, _ in batch:
        # What a newer policy does not ask for any more may have been the last condition.
        booking.settle(int(chain.stream.split("/")[1]), chain, company, by=by)
    return len(batch), tuple(stays)


def _drafts(drafted: Drafted, deal: Deal, company: Company, stays: list[tuple[str, Fault]]) -> list[Draft]:
    move, was = drafted.move, deal.view
    if was.policy_version == move.target:
        return []
    old, new = policies.version(move.source), policies.version(move.target)
    change = rules.change(move, old, new, was, deal.standings)
    if change.stays:
        stays.append((was.ref, change.stays[0]))
        return []
    now = value.in_pipeline(rules.rebound(move, was))
    body = {"after": now.after(), "ordered": drafted.ordered, "was": move.source, "changes": rules.consequences(change)}
    lines = value.postings(was, now, "policy_change", company.currency)
    return [
        Draft("deal.rebound", body, postings=lines, policy=new.version),
        *(_released(key, old, new) for key in change.released),
        *(Draft("milestone.staled", {**_of(key), "fact": fact}, policy=new.version) for key, fact in change.stale),
    ]


def _released(key: str, old: Policy, new: Policy) -> Draft:
    sort = "handshake" if old.is_handshake(key) else "milestone"
    body = {**_of(key, old.milestones[key].owner_function), "requirement": sort}
    return Draft(f"{sort}.released", body, policy=new.version)


def _of(key: str, function: str | None = None) -> dict[str, str]:
    said = {"key": key, "requirement": "milestone"}
    return said | ({"function": function} if function else {})


def sweep(most: int = MOST) -> int:
    """Carries out every ordered move, a bounded number of deals a run; returns how many moved."""
    moved = 0
    for drafted in kept.ordered():
        after: int | None = 0
        while after is not None and most > 0:
            most -= CHUNK
            found = run(drafted.move.id, by=SYSTEM, after=after)
            moved, after = moved + found.moved, found.after
    return moved
