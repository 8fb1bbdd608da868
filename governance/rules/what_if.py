"""What it does to revenue when a milestone is expected on another day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ledger.rules.postings import BOOKED
from ledger.rules.standing import Standings
from pipeline.rules import slips
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.schedule import Cause, Months, baseline, difference, schedule


@dataclass(frozen=True, slots=True)
class Outcome:
    """Variance against what was agreed, by month, in minor units of the reporting currency: as it stands, and with the
    other day. `starts_on`: the first day of delivery then; `forgone` is lost for good. `cause`: what the milestone
    itself adds to it as it stands, when it is expected later than planned."""

    now: Months
    then: Months
    starts_on: date | None
    forgone: int
    cause: Cause | None = None

    @property
    def months(self) -> list[date]:
        return sorted({*self.now, *self.then})

    @property
    def moved_out(self) -> int:
        """What does not come in its month then: the variance of the months that lose."""
        return _out(self.then)

    @property
    def out_now(self) -> int:
        return _out(self.now)

    @property
    def life(self) -> int:
        return sum(self.then.values())


def outcome(
    policy: Policy, deal: DealView, standings: Standings, key: str, due: datetime, now: datetime, zone: str,
    estimates: Mapping[str, int],
) -> Outcome | None:  # fmt: skip
    """None when revenue does not hang on that milestone: the deal is not booked, or it neither blocks nor pays."""
    template = policy.milestones.get(key)
    pays = key in {part.milestone for part in policy.delivery.shares}
    if deal.place != BOOKED or template is None or key not in standings or not (template.blocks or pays):
        return None
    terms = slips.terms(policy, deal, standings, zone)
    if terms is None:
        return None
    agreed = baseline(terms)
    moved = {**standings, key: replace(standings[key], due_at=due, missed_at=None)}
    before = slips.causes(policy, terms.start, standings, now, zone, estimates)
    after = slips.causes(policy, terms.start, moved, now, zone, estimates)
    found = schedule(terms, after)
    late = max((cause.move for cause in after if cause.blocks), default=0)
    return Outcome(
        difference(schedule(terms, before).revenue, agreed),
        difference(found.revenue, agreed),
        terms.start + timedelta(days=late),
        sum(found.forgone.values()),
        next((cause for cause in before if cause.key == key), None),
    )


def _out(months: Months) -> int:
    return -sum(part for part in months.values() if part < 0)
