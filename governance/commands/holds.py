"""Holds of a deal: a function stops it, and releases it again. A booked deal leaves booked while it is held."""

from __future__ import annotations

from governance import permissions
from governance.queries import evidence, holds
from governance.rules import hold as rules
from governance.rules.hold import Hold
from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.problems import bad_input, conflict, not_found
from ledger.transactions import command
from pipeline import permissions as deal_permissions
from pipeline.commands import booking
from pipeline.queries import deals
from pipeline.rules.policy import HISTORY, LOST


@command
def place(number: int, reason: str, why: str, *, by: Actor, function: str = "", expected: int | None = None) -> int:
    """Puts a deal on hold in the name of a function; writes `hold.placed`, and `booking.reversed` when it was booked.

    `why` stays erasable. Returns the number of the hold. Raises bad-input with every fault, forbidden for who has no
    function in the unit, deal-closed and hold-open (409).
    """
    locked = _locked(number, by, expected)
    view = locked.view
    if view.stage in (LOST, HISTORY):
        say = f"{view.ref} is in {view.stage}. Nothing is left to stop. [HOLD-8]"
        raise conflict("deal-closed", "The deal is closed", say)
    faults = rules.faults(reason, why)
    if faults:
        raise bad_input(faults)
    function, refusal = rules.on_deal(locked.seats, view, function)
    permissions.check(refusal)
    check_none_open(locked.chain.stream, function, view.ref)
    draft = placed("hold.placed", locked.chain.version + 1, function, reason, why=why)
    (entry,) = append(locked.chain, draft, by=by)
    booking.settle(number, locked.chain, locked.company, by=by)
    return entry.id


@command
def release(number: int, hold: int, *, by: Actor, note: str = "", expected: int | None = None) -> None:
    """Releases a hold; writes `hold.released`, and `booking.recorded` when it was the last thing that un-booked."""
    locked = _locked(number, by, expected)
    held = found(locked.chain.stream, hold)
    permissions.check(rules.releasing(by, locked.seats, locked.view, held, evidence.paid_on(locked.view)))
    append(locked.chain, released("hold.released", held, note=note), by=by)
    booking.settle(number, locked.chain, locked.company, by=by)


def _locked(number: int, by: Actor, expected: int | None) -> deals.Locked:
    locked = deals.lock(number, by.person)
    deal_permissions.check_can_see(locked.seats, locked.view)
    if expected is not None and expected != locked.view.version:
        raise deal_permissions.stale_version(locked.view.ref, expected, locked.view.version)
    return locked


def check_none_open(stream: str, function: str, what: str) -> None:
    if holds.open_by(stream, function) is not None:
        say = f"{function} holds {what} already. Release that first, or let it stand. [HOLD-9]"
        raise conflict("hold-open", "There is one already", say)


def found(stream: str, number: int) -> Hold:
    """An open hold; not-found for none, hold-released (409) for one that was released."""
    held = holds.one(stream, number)
    if held is None:
        raise not_found(f"Hold {number}")
    if not held.open:
        raise conflict("hold-released", "It is released already", "Somebody released this hold. [HOLD-10]")
    return held


def placed(kind: str, seq: int, function: str, reason: str, *, why: str = "", of: int | None = None) -> Draft:
    """The entry that will stand at `seq`."""
    facts = {"reason": reason} | ({} if of is None else {"of": of})
    body = {"key": rules.key_at(seq), "requirement": "hold", "function": function, "facts": facts}
    return Draft(kind, body, private={"why": why.strip()})


def released(kind: str, held: Hold, *, note: str = "") -> Draft:
    body = {"key": held.key, "requirement": "hold", "function": held.function, "hold": held.id}
    return Draft(kind, body, private={"note": note.strip()})


def following(chain: Chain, above: list[Hold], own: list[Hold]) -> list[Draft]:
    """What a deal writes so that it follows these open holds of its account, and those only. `own`: what it follows."""
    known = {held.of_hold for held in own}
    wanted = {held.id for held in above}
    drafts = [released("hold.released", held) for held in own if held.of_hold not in wanted]
    for held in above:
        if held.id not in known:
            seq = chain.version + len(drafts) + 1
            drafts.append(placed("hold.placed", seq, held.function, held.reason, of=held.id))
    return drafts
