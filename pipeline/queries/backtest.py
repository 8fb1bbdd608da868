"""What another policy would do to the deals that are open now: who would be blocked, who released."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from pipeline.models import DealState
from pipeline.queries import deals, policies, seats
from pipeline.rules import gate
from pipeline.rules.policy import HISTORY, LOST, Policy
from pipeline.rules.trial import Open, Outcome, Verdict

CHUNK = 500


@dataclass(slots=True)
class Trial:
    """Open deals judged, up to a limit; `changed` are those whose next gate would open or shut."""

    judged: int = 0
    whole: bool = True  # whether every open deal was judged
    booked: int = 0  # deals that are booked: they keep the policy under which they were
    changed: list[Outcome] = field(default_factory=list)

    def of(self, verdict: Verdict) -> list[Outcome]:
        return [one for one in self.changed if one.verdict == verdict]


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


def trial(policy: Policy, most: int) -> Trial:
    """`run` as one answer, over at most so many open deals."""
    found = Trial(booked=DealState.objects.filter(place="booked").count())
    for outcome in run(policy):
        if found.judged == most:
            found.whole = False
            break
        found.judged += 1
        if outcome.verdict != "same":
            found.changed.append(outcome)
    return found


def _judge(own: Policy, other: Policy, deal: deals.Deal, title: str, now: datetime) -> Outcome:
    before, after = _reasons(own, deal, now), _reasons(other, deal, now)
    verdict: Verdict = "same" if bool(before) == bool(after) else "blocked" if after else "released"
    view = deal.view
    return Outcome(view.id, view.ref, title, view.stage, view.unit, view.owner, view.value_minor, verdict, after)


def _reasons(policy: Policy, deal: deals.Deal, now: datetime) -> tuple[Open, ...]:
    """What shuts the next gate; empty when it is open."""
    stage = policy.next_stage(deal.view.stage)
    if stage is None:
        return (Open(f"no stage after {deal.view.stage}", "", "The policy does not know this stage."),)
    decision = gate.evaluate(policy, deal.view, deal.standings, stage.key, now=now)
    return tuple(Open(result.key, result.who or result.owner_function, result.message) for result in decision.refusals)
