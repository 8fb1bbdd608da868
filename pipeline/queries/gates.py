"""What a gate would say now, without acting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.queries import detail, policies, seats
from pipeline.rules import booked, gate, stages
from pipeline.rules.decision import Decision
from pipeline.rules.policy import HISTORY, LOST
from pipeline.rules.seats import SeatView


def into(held: Sequence[SeatView], number: int, to: str = "") -> tuple[Decision, int]:
    """(decision, version of the deal). `to` is by default the next stage; when booked, the gate passed."""
    deal = detail.visible(held, number)
    view, policy = deal.view, policies.version(deal.view.policy_version)
    stages.check(policy, to or policy.first_stage.key)
    if not to:
        following = policy.next_stage(view.stage)
        closed = policy.first_stage.key if view.stage in (LOST, HISTORY) else view.stage
        to = following.key if following else closed
    now = seats.now()
    if to == policy.stages[-1].key and view.stage in (to, policy.stages[-2].key):
        return booked.judge(policy, view, deal.standings, now), view.version
    position = policy.position(to)
    if view.stage == to and position:
        view = replace(view, stage=policy.stages[position - 1].key)
    return gate.evaluate(policy, view, deal.standings, to, now=now), view.version
