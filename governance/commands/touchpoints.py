"""Touchpoints of an account: logged by any function, settled by whose work it is; health follows in the same insert."""

from __future__ import annotations

from governance import permissions
from governance.commands import account_holds
from governance.queries import touchpoints
from governance.rules import hold as hold_rules
from governance.rules import touchpoint as rules
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.problems import bad_input, conflict, not_found
from ledger.transactions import command
from pipeline.queries import reference_lists, seats


@command
def log(account: int, kind: str, what: str, *, by: Actor, function: str = "", hold: str = "") -> int:
    """Logs an event; writes `touchpoint.logged`, and puts the account on hold in the same act when `hold` gives the
    reason code. `what` stays erasable. Raises bad-input with every fault, forbidden; returns its number.
    """
    reference_lists.account(account)
    faults = rules.faults(kind, what)
    if hold and hold not in hold_rules.REASONS:
        faults += hold_rules.faults(hold, what)
    if faults:
        raise bad_input(faults)
    function, refusal = rules.logging(seats.of_person(by.person), function)
    permissions.check(refusal)
    sort = rules.SORTS[kind]
    body = {"touchpoint_kind": kind, "weight": sort.weight, "concerns": sort.function, "function": function}
    chain = lock(f"account/{account}")
    (entry,) = append(chain, Draft("touchpoint.logged", body, private={"what": what.strip()}), by=by)
    if hold:
        account_holds.placed(chain, account, hold, what, by=by, function=function)
    return entry.id


@command
def settle(account: int, touchpoint: int, *, by: Actor, note: str = "") -> None:
    """Says that it is over; writes `touchpoint.settled`. Raises not-found, touchpoint-settled (409) and forbidden."""
    reference_lists.account(account)
    chain = lock(f"account/{account}")
    held = touchpoints.one(account, touchpoint)
    if held is None:
        raise not_found(f"Touchpoint {touchpoint}")
    if not held.open:
        raise conflict("touchpoint-settled", "It is settled already", "Somebody settled this touchpoint. [TOUCH-5]")
    permissions.check(rules.settling(seats.of_person(by.person), held))
    append(chain, Draft("touchpoint.settled", {"touchpoint": held.id}, private={"note": note.strip()}), by=by)
