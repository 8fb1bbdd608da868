"""Says that a deal, or one milestone of it, bears on a target, and by how much."""

from __future__ import annotations

from governance import permissions
from governance.commands.targets import setting
from governance.queries import milestones, targets
from governance.rules import targets as rules
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, conflict
from ledger.transactions import command
from pipeline.queries import detail, seats


@command
def link(number: int, deal: int, milestone: str, amount: int, *, by: Actor) -> None:
    """Writes `target.linked`; another amount takes the place of the one before. `milestone` empty: the whole deal.

    `amount` is signed, in the unit of the target; 0 takes the link away (`target.unlinked`).
    """
    held = seats.of_person(by.person)
    chain = lock(f"target/{number}")
    target = setting.visible("target", number, held)
    view = detail.visible(held, deal).view
    permissions.check(rules.linking(held, view.unit))
    if target.state != "set":
        raise conflict("target-withdrawn", "It is withdrawn", "The target is withdrawn. [TARGET-6]")
    if milestone and not any(row.key == milestone for row in milestones.of_deal(deal)):
        say = f"{view.ref} has no milestone “{milestone[:40]}”. Name one of its milestones, or none."
        raise bad_input([Fault("/milestone", "TARGET-9", say)])
    if abs(amount) > rules.MOST:
        raise bad_input([Fault("/amount", "TARGET-3", "That is more than any company comes to.")])
    was = targets.link(number, deal, milestone)
    if amount == 0 and was is None:
        raise bad_input([Fault("/amount", "TARGET-10", "A link has an amount, above or below zero.")])
    body = {"deal": deal, "milestone": milestone, "amount": amount or (was.amount if was else 0)}
    append(chain, Draft("target.linked" if amount else "target.unlinked", body), by=by)
