"""The one definition of booked. Everything that counts a booking asks here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from ledger.rules.standing import WAIVER, Standing, Standings
from pipeline.rules import gate, terms
from pipeline.rules.deal import DealView
from pipeline.rules.decision import Decision, Result
from pipeline.rules.policy import HISTORY, LOST, Policy
from pipeline.rules.stage_order import stage_order

Place = Literal["booked", "booked-under-waiver"]

PRESENT = ("amount", "currency", "close_on", "start_on")
_NAMES = {"amount": "Amount", "currency": "Currency", "close_on": "Close date", "start_on": "Start date"}


def judge(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    now: datetime,
    approvals: frozenset[str] = frozenset(),
) -> Decision:
    """Is this deal booked at `now`, with every reason?

    The gate into the last stage and its holds, judged for a deal that stands in the last stage or the one before;
    amount, currency, close and start present and a rate for the currency, which no waiver replaces; and every other
    requirement that rests on a waiver, so that `waived` tells the truth: one whose waiver has run out un-books. It
    passes when the deal is booked, under waiver or not: see `place`.
    """
    last = policy.stages[-1]
    decision = gate.judge(policy, deal, standings, last, now=now, approvals=approvals)
    asked = {result.key for result in decision.results}
    extra = [_present(deal, name) for name in PRESENT] + _unpriced(deal)
    resting = {key: _resting(policy, deal, standings, key, now) for key in sorted(standings) if key.startswith(WAIVER)
               and standings[key].effect == "waived" and key.removeprefix(WAIVER) not in asked}  # fmt: skip
    owed = {key: result for key, result in resting.items() if result.state in ("waived", "unmet")}
    extra += owed.values()
    order = _order(policy, deal)
    results = ((order,) if order else ()) + decision.results + tuple(extra)
    digest = terms.digest({"gate": decision.facts_hash, "waived": {key: standings[key].entry_id for key in owed}})
    return replace(decision, results=results, facts_hash=digest)


def is_booked(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    now: datetime,
    approvals: frozenset[str] = frozenset(),
) -> bool:
    """Booked without any open waiver. What is booked under waiver is its own line, never in booked."""
    return place(judge(policy, deal, standings, now, approvals)) == "booked"


def place(decision: Decision) -> Place | None:
    """The place in the bookings book that a decision of `judge` puts the value in; None when it is not booked."""
    if not decision.passed:
        return None
    return "booked-under-waiver" if decision.waived else "booked"


def _order(policy: Policy, deal: DealView) -> Result | None:
    last = policy.stages[-1]
    near = {stage.key for stage in policy.stages[-2:]}
    if deal.stage in near and deal.stage not in (LOST, HISTORY):
        return None
    wrong = stage_order(policy, deal, last.key)
    if wrong is None:
        return None
    if deal.stage in (LOST, HISTORY):
        return replace(wrong, message=wrong.message.replace("Not advanced.", "Not booked.", 1))
    say = f"Not booked. The deal stands in {deal.stage[:40]}; it passes every gate before {last.name} first."
    return replace(wrong, message=say)


def _present(deal: DealView, name: str) -> Result:
    missing = deal.fact(name) is None or deal.fact(name) == ""
    say = f"{_NAMES[name]} is {'not given yet' if missing else 'given'}."
    return Result(
        key=f"booked-{name.replace('_', '-')}",
        kind="input",
        state="unmet" if missing else "met",
        status="missing" if missing else "given",
        message=f"Not booked. {say}" if missing else say,
        owner_function="sales",
        remedy=f"Enter it under Facts: {_NAMES[name].lower()}.",
        who="sales" if missing else "",
        code="BOOKED-1" if missing else "",
    )


def _unpriced(deal: DealView) -> list[Result]:
    """A currency without a rate: the deal has an amount and no value. Nothing is said of one that has a value."""
    if deal.value_minor is not None or deal.amount_minor is None or deal.currency is None:
        return []
    say = f"Not booked. There is no rate for {deal.currency} yet, so the deal is unpriced."
    remedy = f"Finance publishes a rate for {deal.currency}: POST /rates/, a file, or manage.py rate."
    return [
        Result(
            key="booked-rate", kind="condition", state="unmet", status="missing", message=say,
            owner_function="finance", remedy=remedy, who="finance", code="BOOKED-2",
        )
    ]  # fmt: skip


def _resting(policy: Policy, deal: DealView, standings: Standings, key: str, now: datetime) -> Result:
    """What a waiver of an earlier gate excuses, as it stands now: met by then, still owed, or owed and run out."""
    waiver, target = standings[key], key.removeprefix(WAIVER)
    rule = next((rule for stage in policy.stages for rule in stage.gate if rule.key == target), None)
    if rule is None:
        return _unknown(waiver, target, now)
    return gate.judge_one(policy, deal, standings, rule, now=now)


def _unknown(waiver: Standing, target: str, now: datetime) -> Result:
    open_ = gate.is_waived(waiver, now)
    return Result(
        key=target,
        kind="condition",
        state="waived" if open_ else "unmet",
        status="waived" if open_ else "expired",
        message=f"{target}: {'waived, and still owed' if open_ else 'the waiver has run out'}.",
        owner_function=waiver.function,
        remedy="Meet the requirement, or let the waiver end.",
        due=waiver.valid_until if open_ else None,
        fact=waiver.entry_id or None,
        code="" if open_ else "GATE-CO-6",
    )
