"""Waivers read again from the record: what each came to, and whether each step was lawful."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from governance.rules import waiver as rules
from governance.rules.waiver import Waiver
from ledger.rules.actor import SYSTEM_PERSON, Actor
from ledger.rules.envelope import moment
from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import WAIVER, Standings
from pipeline.rules import gate
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.replay import Organisation

KINDS = ("waiver.requested", "waiver.refused", "waiver.granted", "waiver.repaid", "waiver.ended")
Waivers = dict[int, Waiver]


def take(held: Waivers, entry: Entry, unit: str) -> None:
    """Moves the waivers of a deal along."""
    body, facts = entry.body, entry.body["facts"]
    if entry.kind == "waiver.requested":
        held[entry.id] = Waiver(
            entry.id, body["key"].removeprefix(WAIVER), facts["reason"], unit, entry.actor, facts["function"],
            entry.recorded_at, moment(body["valid_until"]), facts["value_minor"], entry=entry.id,
        )  # fmt: skip
        return
    was = held[facts["waiver"]]
    now = replace(was, state=entry.kind.split(".")[1], entry=entry.id)
    if entry.kind in ("waiver.granted", "waiver.refused"):
        now = replace(now, approver=entry.actor, approver_function=facts.get("function"), decided_at=entry.recorded_at)
    if entry.kind != "waiver.granted":
        now = replace(now, closed_at=entry.recorded_at)
    held[was.id] = now


def act(
    policy: Policy, deal: DealView, standings: Standings, entry: Entry, organisation: Organisation, held: Waivers
) -> Iterator[Deviation]:
    """What was unlawful in an entry of `KINDS`. The budget of a team spans many deals and counts when it is spent."""
    by = Actor(entry.actor, "shell", on_behalf=entry.said["on_behalf"])
    seats = organisation.seats_of(entry.actor, entry.recorded_at)
    key, facts = entry.body["key"].removeprefix(WAIVER), entry.body["facts"]
    need = rules.requirement_of(policy, key)
    if need is None:
        yield Deviation("key", "a requirement that can be waived", key)
        return
    if entry.kind == "waiver.requested":
        function, refusal = rules.asking(by, seats, deal, need)
        if refusal is not None or function != facts["function"]:
            yield Deviation("actor", "somebody who may ask", entry.actor)
        if not timedelta() < moment(entry.body["valid_until"]) - entry.recorded_at <= timedelta(days=rules.MOST_DAYS):
            yield Deviation("valid_until", f"within {rules.MOST_DAYS} days", entry.body["valid_until"])
        return
    was = held.get(facts.get("waiver", 0))
    if was is None or was.key != key or not was.open:
        yield Deviation("waiver", "an open waiver of this requirement", facts.get("waiver"))
        return
    over = was.valid_until <= entry.recorded_at
    if entry.kind in ("waiver.granted", "waiver.refused"):
        alone = entry.kind == "waiver.refused" and (
            entry.actor == was.requester or (entry.actor == SYSTEM_PERSON and over)
        )
        paid = frozenset(organisation.person_of(seat) for seat in deal.credits)
        _function, refusal = rules.deciding(by, seats, deal, was, paid)
        if not alone and (refusal is not None or over):
            yield Deviation("actor", "a lead of another function, in time", entry.actor)
    elif entry.kind == "waiver.ended" and not over:
        yield Deviation("recorded_at", f"after {was.valid_until.isoformat()}", entry.recorded_at.isoformat())
    elif entry.kind == "waiver.repaid" and key not in deal.private:
        state = gate.judge_one(policy, deal, standings, need, now=entry.recorded_at).state
        if state not in ("met", "not_applicable"):
            yield Deviation("state", "met", state)
