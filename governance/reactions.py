"""Called by the record itself, in the transaction of the entry: see crm_ledger/reactions.py."""

from collections.abc import Sequence

from governance.commands import account_holds, following, planning
from governance.commands.alerting import opening
from ledger import dispatch
from ledger.commands.append import Appended
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain


def plan_milestones(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A deal entered a stage, so its obligations exist from that moment on."""
    planning.plan(entry, chain, by=by)


@dispatch.takes_many
def open_alerts(entries: Sequence[tuple[Appended, Chain]], *, by: Actor) -> None:
    """What was missed is answered by somebody, from this moment on."""
    opening.of_misses(entries)


def confirm_capacity(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """Operations has verified that capacity is there, so it is confirmed, or the verification is refused."""
    following.confirm(entry, chain, by=by)


def keep_capacity(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """What is booked has its capacity confirmed."""
    following.keep(entry, chain, by=by)


def soften_capacity(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """What is de-booked gives its confirmation back."""
    following.soften(entry, chain, by=by)


def free_capacity(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """What is lost, cancelled or returned holds nothing."""
    following.free(entry, chain, by=by)


def free_revoked_capacity(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """What operations takes back is free."""
    following.free_revoked(entry, chain, by=by)


def move_capacity(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """Other months, other units or another unit are reserved anew."""
    following.move(entry, chain, by=by)


def keep_holds(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """What holds an account holds its deals, those that come later too."""
    account_holds.keep(entry, chain)
