"""What time alone makes true: late starts and misses, found by index, written once each, at any number of workers."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import Error

from governance.queries import deadlines as waiting
from governance.queries import slips as past
from governance.queries.deadlines import WHOLE, Share, Watched
from governance.rules import at_stake, deadlines
from ledger.commands.append import Draft, append_many, lock_many
from ledger.rules.actor import SYSTEM
from ledger.rules.postings import BOOKED
from ledger.rules.problems import Problem
from ledger.rules.standing import Standing
from ledger.transactions import command
from pipeline.queries import deals, organisation, policies
from pipeline.queries.deals import Deal
from pipeline.queries.organisation import Company
from pipeline.rules import slips
from pipeline.rules.policy import Policy

log = logging.getLogger(__name__)
CHUNK = 50  # deals in one transaction
LOOKED_AT = 200  # milestones that a reader's request takes up
MOST = 5_000  # milestones that one run takes up; the next run goes on


@command
def note(numbers: Sequence[int], estimates: Estimates | None = None) -> int:
    """Writes `milestone.started_late`, `milestone.missed` and `handshake.missed` where they are so under the lock, and
    what follows from them in the same transaction. What a closed deal owes, and a handshake that its policy does not
    ask for, is released instead. Returns how many entries it wrote:
    0 when another worker was first."""
    chains = lock_many([f"deal/{number}" for number in numbers])
    known = deals.read(numbers)
    watched = waiting.watched([chain.stream for chain in chains])
    company = organisation.company()
    estimates = estimates or Estimates(company)
    batch = []
    for chain in chains:
        deal = known[int(chain.stream.split("/")[1])]
        drafts = [
            draft
            for key, _standing in sorted(deal.standings.items(), key=_by_due)
            for draft in _drafts(deal, key, chain.now, watched, company, estimates)
        ]
        batch.append((chain, drafts))
    return len(append_many(batch, by=SYSTEM))


def _by_due(item: tuple[str, Standing]) -> tuple[float, str]:
    due = item[1].due_at
    return (due.timestamp() if due else 0.0, item[0])


def _drafts(
    deal: Deal, key: str, now: datetime, watched: Mapping[tuple[str, str], Watched], company: Company,
    estimates: Estimates,
) -> Iterator[Draft]:  # fmt: skip
    standing = deal.standings[key]
    kinds = deadlines.notes(standing, now)
    view = deal.view
    known = watched.get((f"deal/{view.id}", key))
    if not kinds or known is None:
        return
    policy = policies.version(view.policy_version)
    said: dict[str, Any] = {"key": key, "requirement": known.requirement, "function": standing.function}
    shaken = known.requirement == "handshake"
    if policy.position(view.stage) is None or (shaken and not policy.is_handshake(key)):
        yield Draft(f"{known.requirement}.released", said, policy=policy.version)
        return
    said |= {"deal": view.id, "milestone": known.id, "unit": view.unit, "owner": view.owner}
    if shaken:
        kinds = ("handshake.missed",) if deadlines.unanswered(standing, now) else ()
        said |= {"function": deadlines.owing(standing), "state": standing.status}
        said["counterpart"] = standing.function if said["function"] != standing.function else None
    for kind in kinds:
        if kind == "milestone.started_late":
            yield Draft(kind, {**said, "start_by": standing.start_by, "due": standing.due_at}, policy=policy.version)
        else:
            body = {**said, "due": standing.due_at, **_stake(policy, deal, key, now, company, estimates)}
            yield Draft(kind, body, policy=policy.version)


def _stake(
    policy: Policy, deal: Deal, key: str, now: datetime, company: Company, estimates: Estimates
) -> dict[str, Any]:
    """What alerts and revenue need to know of a miss, so that they ask nobody."""
    known = estimates.of(policy, deal, now)
    miss = at_stake.of(policy, deal.view, deal.standings, key, now, company.timezone, known)
    said: dict[str, Any] = {
        "at_stake": [{"period": part.period, "amount_minor": part.amount_minor} for part in miss.parts],
        "currency": company.currency,
    }
    if miss.cause is not None:
        days = (miss.cause.expected - company.day_of(now)).days
        said |= {"expected_on": miss.cause.expected, "estimate_days": days}
    return said


class Estimates:
    """Medians of past slips, asked once for each milestone and unit of what is done together."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.known: dict[tuple[str, str], dict[str, int]] = {}

    def of(
        self, policy: Policy, deal: Deal, now: datetime, told: Mapping[str, int] = MappingProxyType({})
    ) -> dict[str, int]:
        """Milestone → days from now that what is overdue of a booked deal takes; `told` is believed, the rest asked."""
        if deal.view.place != BOOKED:
            return {}
        overdue = [
            key for key, standing in deal.standings.items()
            if key in policy.milestones and key not in told and slips.is_overdue(standing, now)
        ]  # fmt: skip
        for key in overdue:
            asked = (key, deal.view.unit)
            if asked not in self.known:
                self.known[asked] = past.typical([key], deal.view.unit, self.company.timezone)
        found: dict[str, int] = {}
        for key in overdue:
            found |= self.known[key, deal.view.unit]
        return {**found, **told}


def sweep(most: int = MOST, share: Share = WHOLE) -> int:
    """Handles what is due, oldest first, in chunks; `share` is the part of this process where several sweep at once.
    A chunk that fails is tried one by one, and what still fails holds nobody up: the next sweep tries it again.
    Returns how many entries were written."""
    written, passed = 0, set[int]()
    estimates = Estimates(organisation.company())
    while most > 0 and (found := waiting.due(min(CHUNK, most), passed, share)):
        most -= len(found)
        passed.update(found)
        try:
            written += note(found, estimates)
        except (Problem, Error) as error:
            log.warning("a chunk of %s deals failed, they are taken one by one: %s", len(found), error)
            written += sum(_alone(number) for number in found)
    return written


def _alone(number: int) -> int:
    try:
        return note([number])
    except (Problem, Error) as error:
        log.error("the deadlines of deal %s could not be noted: %s", number, error)
        return 0


def look(most: int = LOOKED_AT) -> int:
    """For a reader: handles what is due, up to a bound. Returns the seconds by which the rest is behind; 0 for none."""
    if waiting.behind() is None:
        return 0
    sweep(most)
    return waiting.behind() or 0
