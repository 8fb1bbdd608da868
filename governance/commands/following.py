"""Capacity follows its deal: what is verified confirms it, what falls frees it. Steps that the reactions call."""

from __future__ import annotations

from governance.commands import holding, reservations
from governance.queries import pools
from governance.rules import delivery
from governance.rules.reserving import Answer
from ledger.commands.append import Appended, append
from ledger.rules.actor import SYSTEM, Actor
from ledger.rules.chain import Chain
from ledger.rules.problems import Problem, conflict
from ledger.transactions import step
from pipeline.queries import deals, policies
from pipeline.rules import gate_words
from pipeline.rules.deal import DealView
from pipeline.rules.policy import HISTORY, LOST, Policy

_DELIVERY = {"start_on", "delivery_units", "delivery_months", "unit"}


@step
def confirm(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """Operations has verified that capacity is there: it is confirmed, or the verification is refused with the months
    that are over. Nothing to do for a policy without a requirement of kind capacity."""
    if entry.body["key"] != delivery.CONFIRMING:
        return
    view, policy = _deal(chain)
    if delivery.requirement(policy) is None or delivery.need(view) is None or view.stage in (LOST, HISTORY):
        return
    answer = reservations.take(view, policy, chain, confirm=True, by=by)
    if not answer.fits:
        raise over(answer)


@step
def keep(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A booking confirms what was held softly for it."""
    view, policy = _deal(chain)
    held = pools.of_deal(view.id)
    if any(row.state == "soft" for row in held):
        reservations.take(view, policy, chain, confirm=True, by=by, speaks=SYSTEM)


@step
def soften(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A de-booking takes the confirmation back: the units are held for some days more, then they are free. When
    capacity itself was what failed, they are free at once."""
    if delivery.CONFIRMING in entry.body["because"]:
        free(entry, chain, by=by)
        return
    view, policy = _deal(chain)
    if not any(row.state == "confirmed" for row in pools.of_deal(view.id)):
        return
    need = delivery.need(view)
    held = holding.hold(view, chain, need)
    if need is None or set(held.held) != {(need.unit, month) for month in need.months}:
        free(entry, chain, by=by)
        return
    holding.settle(held, need, "soft", by=by, why="de-booked")
    append(chain, reservations.entry("reservation.softened", view, policy, chain), by=SYSTEM)


@step
def free(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A deal that is lost, cancelled or returned holds nothing any more."""
    view, policy = _deal(chain)
    reservations.give_back(view, policy, chain, "reservation.released", entry.kind, by=by)


@step
def free_revoked(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """Operations took its word back: the months are not there."""
    if entry.body["key"] == delivery.CONFIRMING:
        free(entry, chain, by=by)


@step
def move(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """Other delivery terms are reserved anew, softly; what does not fit is released, and the requirement says why."""
    changed = entry.body.get("changed")
    if changed is not None and not _DELIVERY & set(changed):
        return
    view, policy = _deal(chain)
    held_now = pools.of_deal(view.id)
    if not held_now or (changed is None and {row.unit for row in held_now} == {view.unit}):
        return
    if delivery.need(view) is None:
        reservations.give_back(view, policy, chain, "reservation.released", entry.kind, by=by)
        return
    answer = reservations.take(view, policy, chain, confirm=False, by=by, speaks=SYSTEM)
    if not answer.fits:
        held = holding.hold(view, chain, None)
        holding.settle(held, None, "none", by=by, why=entry.kind)
        append(chain, reservations.entry("reservation.refused", view, policy, facts=answer.facts()), by=by)


def over(answer: Answer) -> Problem:
    """409 with months, amounts, earliest start and order-by date."""
    said = gate_words.over_capacity(answer.facts())
    return conflict("over-capacity", "Capacity does not reach", f"{said} [CAP-OVER-1]", **answer.extra())


def _deal(chain: Chain) -> tuple[DealView, Policy]:
    view = deals.read_one(int(chain.stream.split("/")[1])).view
    return view, policies.version(view.policy_version)
