"""Called by the record itself, in the transaction of the entry: see crm_ledger/reactions.py."""

from governance.commands import planning
from governance.commands.alerting import opening
from ledger.commands.append import Appended
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain


def plan_milestones(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A deal entered a stage, so its obligations exist from that moment on."""
    planning.plan(entry, chain, by=by)


def open_alert(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """What was missed is answered by somebody, from this moment on."""
    opening.of_miss(entry, chain)
