"""What another policy would do to the deals that are open now: who would be blocked, who released."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from pipeline.models import DealState
from pipeline.queries import deals, policies, seats
from pipeline.rules import gate
from pipeline.rules.policy import HISTORY, LOST, Policy

CHUNK = 500
Verdict = Literal["blocked", "released", "same"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One open deal at its next gate: under its own policy, and under the other."""

    ref: str
    title: str
    stage: str
    value_minor: int | None
    verdict: Verdict
    reasons: tuple[str, ...]  # why the other policy blocks it


def run(policy: Policy) -> Iterator[Outcome]:
    """Every open deal, oldest first, at its next gate against its present standings. Nothing is written."""
    now = seats.now()
    rows = DealState.objects.exclude(stage__in=(LOST, HISTORY)).order_by("deal_id")
    titles = rows.values_list("deal_id", "deal__title").iterator(CHUNK)
    while chunk := dict(islice(titles, CHUNK)):
        for number, deal in sorted(deals.read(chunk).items()):
            own = policies.version(deal.view.policy_version)
            if own.next_stage(deal.view.stage) is not None:
                yield _judge(own, policy, deal, chunk[number], now)


def _judge(own: Policy, other: Policy, deal: deals.Deal, title: str, now: datetime) -> Outcome:
    before, after = _reasons(own, deal, now), _reasons(other, deal, now)
    verdict: Verdict = "same" if bool(before) == bool(after) else "blocked" if after else "released"
    return Outcome(deal.view.ref, title, deal.view.stage, deal.view.value_minor, verdict, after)


def _reasons(policy: Policy, deal: deals.Deal, now: datetime) -> tuple[str, ...]:
    """The keys that shut the next gate; empty when it is open."""
    stage = policy.next_stage(deal.view.stage)
    if stage is None:
        return (f"no stage after {deal.view.stage}",)
    decision = gate.evaluate(policy, deal.view, deal.standings, stage.key, now=now)
    return tuple(result.key for result in decision.refusals)
