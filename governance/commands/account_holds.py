"""Holds of an account: all its open deals follow, each by an entry of its own, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from governance import permissions
from governance.commands import holds as of_deals
from governance.queries import holds
from governance.rules import hold as rules
from governance.rules.hold import Hold
from ledger.commands.append import Appended, Draft, append, append_many, lock, lock_many
from ledger.rules.actor import SYSTEM, Actor
from ledger.rules.chain import Chain
from ledger.rules.problems import bad_input
from ledger.transactions import command, step
from pipeline.commands import booking
from pipeline.queries import deals, organisation, policies, reference_lists, seats
from pipeline.queries.deals import Deal
from pipeline.rules.policy import HISTORY, LOST


@command
def place(account: int, reason: str, why: str, *, by: Actor, function: str = "") -> int:
    """Puts an account on hold; writes `account.held` and, for each open deal, `hold.placed` and what follows.

    Raises bad-input with every fault, forbidden for who leads no function, hold-open (409). Returns the hold's number.
    """
    reference_lists.account(account)
    chain = lock(f"account/{account}")
    return placed(chain, account, reason, why, by=by, function=function)


@step
def placed(chain: Chain, account: int, reason: str, why: str, *, by: Actor, function: str = "") -> int:
    """The same on an account whose stream is locked."""
    faults = rules.faults(reason, why)
    if faults:
        raise bad_input(faults)
    function, refusal = rules.on_account(seats.of_person(by.person), function)
    permissions.check(refusal)
    of_deals.check_none_open(chain.stream, function, "this account")
    draft = of_deals.placed("account.held", chain.version + 1, function, reason, why=why)
    (entry,) = append(chain, draft, by=by)

    def follow(chain: Chain, deal: Deal) -> Draft | None:
        if deal.view.account != account or deal.view.stage in (LOST, HISTORY):
            return None  # it moved on while we waited for it
        return of_deals.placed("hold.placed", chain.version + 1, function, reason, of=entry.id)

    _on_each(holds.open_deals(account), follow, by=by)
    return entry.id


@command
def release(account: int, hold: int, *, by: Actor, note: str = "") -> None:
    """Releases a hold of an account and of every deal that follows it; what it had un-booked books again."""
    reference_lists.account(account)
    chain = lock(f"account/{account}")
    held = of_deals.found(chain.stream, hold)
    permissions.check(rules.releasing_account(seats.of_person(by.person), held))
    append(chain, of_deals.released("account.released", held, note=note), by=by)
    own: dict[int, Hold] = {}

    def follow(chain: Chain, deal: Deal) -> Draft | None:
        mine = own.get(deal.view.id)
        return None if mine is None else of_deals.released("hold.released", mine)

    numbers = list(holds.following(hold))
    _on_each(numbers, follow, by=by, then=lambda: own.update(holds.following(hold)))


def _on_each(
    numbers: Iterable[int],
    follow: Callable[[Chain, Deal], Draft | None],
    *,
    by: Actor,
    then: Callable[[], object] = lambda: None,
) -> None:
    """One entry on each deal, in one statement; `then` reads under the locks. What may be booked is settled."""
    chains = {int(chain.stream.split("/")[1]): chain for chain in lock_many([f"deal/{number}" for number in numbers])}
    then()
    batch = []
    for number, deal in deals.read(chains).items():
        draft = follow(chains[number], deal)
        if draft is not None:
            batch.append((chains[number], deal, draft))
    append_many([(chain, [draft]) for chain, _deal, draft in batch], by=by)
    company = organisation.company()
    for chain, deal, _draft in batch:
        last = [stage.key for stage in policies.version(deal.view.policy_version).stages[-2:]]
        if deal.view.stage in last:
            booking.settle(deal.view.id, chain, company, by=by)


@step
def keep(entry: Appended, chain: Chain) -> None:
    """A deal that was opened, re-opened or given another account follows the holds of its account from then on."""
    account, stage = entry.body["after"]["account"], entry.body["after"]["stage"]
    if stage in (LOST, HISTORY) or "account" not in entry.body.get("changed", ("account",)):
        return
    none = account is None or entry.ahead == "0"  # asked ahead, and under the same lock
    above = [] if none else holds.of_account(account)
    own = [] if entry.seq == 1 else holds.followed(int(chain.stream.split("/")[1]))
    append(chain, *of_deals.following(chain, above, own), by=SYSTEM)
