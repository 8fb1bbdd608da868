"""How far a deal's numbers rest on proven facts: a score from 0 to 100, with every reason that takes from it.

Weights (docs/integrity.md): inputs complete and not placeholder 0.25, milestones evidenced and valid 0.25,
gate-critical facts fresh 0.15, dates coherent 0.15, reconciled with finance 0.10, no open waiver 0.10; times 100,
rounded down, so that 79.9 never passes for 80. A part counts by its share: three of four inputs are 0.1875.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from ledger.rules.standing import WAIVER, Standing, Standings
from pipeline.rules import gate, gate_words, quality, staleness
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy, Requirement

CERTIFIED = 80  # below it an export is stamped not certified, and a deal is not commit
FRESH_DAYS = 90  # an input of an open deal that names no other limit
INPUTS, MILESTONES, FRESH, DATES, RECONCILED, WAIVERS = (
    "inputs", "milestones", "fresh", "dates", "reconciled", "waivers",
)  # fmt: skip
WEIGHTS = {INPUTS: 25, MILESTONES: 25, FRESH: 15, DATES: 15, RECONCILED: 10, WAIVERS: 10}
_PROVEN = ("milestone", "handshake")


@dataclass(frozen=True, slots=True)
class Part:
    """One of the six: `held` of `asked` are in order; `missing` names the others. Nothing asked is in order."""

    name: str
    held: int
    asked: int
    missing: tuple[str, ...] = ()

    @property
    def share(self) -> Fraction:
        return Fraction(self.held, self.asked) if self.asked else Fraction(1)


@dataclass(frozen=True, slots=True)
class Integrity:
    """`until` is the first moment at which time alone may lower the score; None when it cannot."""

    parts: tuple[Part, ...]
    until: datetime | None = None

    @property
    def score(self) -> int:
        return int(sum(WEIGHTS[part.name] * part.share for part in self.parts))

    @property
    def certified(self) -> bool:
        return self.score >= CERTIFIED


def integrity(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    *,
    now: datetime,
    zone: str = "UTC",
    reconciled: bool = True,
    repeated: frozenset[str] = frozenset(),
) -> Integrity:
    """The score of one deal at `now`. `repeated`: inputs whose text stands on too many deals of one person.

    Inputs are those of the gates passed and of the next one. Milestones are those of the gates passed, all that are
    verified and all whose due moment is over: what is planned for later owes nothing yet. A deal outside of the path,
    such as history, owes what the whole path asks for.
    """
    ends: list[datetime] = []
    inputs = tuple(_applying(policy, deal, standings, _inputs(policy, deal.stage), now))
    parts = (
        _complete(policy, deal, inputs, repeated),
        _proven(policy, deal, standings, now, ends),
        _fresh(policy, deal, inputs, now, ends),
        _dates(policy, deal, now, zone, ends),
        Part(RECONCILED, int(reconciled), 1, () if reconciled else ("finance",)),
        _waivers(standings, now, ends),
    )
    return Integrity(parts, min((end for end in ends if end > now), default=None))


def weighted(parts: Iterable[tuple[int, int]]) -> int | None:
    """The score of a portfolio from (amount in minor units, score): weighted by amount, rounded down.

    400k at 85 and 100k at 40 → 76. None where nothing has an amount.
    """
    amount = worth = 0
    for value, score in parts:
        amount += abs(value)
        worth += abs(value) * score
    return worth // amount if amount else None


def _inputs(policy: Policy, stage: str) -> Iterator[Requirement]:
    at = policy.position(stage)
    last = len(policy.stages) if at is None else at + 2
    seen: set[str] = set()
    for one in policy.stages[:last]:
        for rule in one.gate:
            if rule.kind == "input" and rule.key in policy.inputs and rule.key not in seen:
                seen.add(rule.key)
                yield rule


def _applying(
    policy: Policy, deal: DealView, standings: Standings, rules: Iterable[Requirement], now: datetime
) -> Iterator[Requirement]:
    for rule in rules:
        idle = rule.applies_when and gate.judge_one(policy, deal, standings, rule, now=now).state == "not_applicable"
        if not idle:
            yield rule


def _complete(policy: Policy, deal: DealView, inputs: tuple[Requirement, ...], repeated: frozenset[str]) -> Part:
    missing = tuple(
        rule.key
        for rule in inputs
        if rule.key in repeated or quality.test(policy.inputs[rule.key], deal.fact(rule.key)) is not None
    )
    return Part(INPUTS, len(inputs) - len(missing), len(inputs), missing)


def _proven(policy: Policy, deal: DealView, standings: Standings, now: datetime, ends: list[datetime]) -> Part:
    at = policy.position(deal.stage)
    passed = policy.stages if at is None else policy.stages[: at + 1]
    asked = {
        rule.key: None
        for stage in passed
        for rule in _applying(policy, deal, standings, (one for one in stage.gate if one.kind in _PROVEN), now)
    }
    for key in policy.milestones:
        standing = standings.get(key)
        if standing is None or standing.status == "released":
            continue
        due = None if standing.due_at is None else gate_words.aware(standing.due_at)
        if standing.effect == "met" or (due is not None and due <= now):
            asked[key] = None
        elif due is not None:
            ends.append(due)
    missing = tuple(key for key in asked if not _valid(standings.get(key), deal, now, ends))
    return Part(MILESTONES, len(asked) - len(missing), len(asked), missing)


def _valid(standing: Standing | None, deal: DealView, now: datetime, ends: list[datetime]) -> bool:
    if standing is None or standing.effect != "met":
        return False
    if standing.valid_until is not None:
        until = gate_words.aware(standing.valid_until)
        if until <= now:
            return False
        ends.append(until)
    return staleness.stale(standing.facts, deal) is None


def _fresh(
    policy: Policy, deal: DealView, inputs: tuple[Requirement, ...], now: datetime, ends: list[datetime]
) -> Part:
    """What was given longer ago than its limit is not fresh; what is not given counts under inputs alone.

    Under a booking the terms are attested, so only an input with a limit of its own grows old there.
    """
    booked = deal.stage == policy.stages[-1].key
    asked, missing = 0, []
    for rule in inputs:
        field = policy.inputs[rule.key]
        days = field.fresh_days if field.fresh_days is not None else None if booked else FRESH_DAYS
        given = deal.input_at.get(rule.key)
        if days is None or given is None or deal.fact(rule.key) in (None, ""):
            continue
        asked += 1
        end = gate_words.aware(given) + timedelta(days=days)
        if now > end:
            missing.append(rule.key)
        else:
            ends.append(end + timedelta(microseconds=1))
    return Part(FRESH, asked - len(missing), asked, tuple(missing))


def _dates(policy: Policy, deal: DealView, now: datetime, zone: str, ends: list[datetime]) -> Part:
    """The close of an open deal is not over, and delivery does not start before the close."""
    asked, missing = 0, []
    if deal.close_on is not None and policy.position(deal.stage) not in (None, len(policy.stages) - 1):
        asked += 1
        over = datetime.combine(deal.close_on + timedelta(days=1), time(), ZoneInfo(zone))
        if over <= now:
            missing.append("close_on")
        else:
            ends.append(over)
    if deal.close_on is not None and deal.start_on is not None:
        asked += 1
        if deal.start_on < deal.close_on:
            missing.append("start_on")
    return Part(DATES, asked - len(missing), asked, tuple(missing))


def _waivers(standings: Standings, now: datetime, ends: list[datetime]) -> Part:
    open_ = []
    for key, standing in sorted(standings.items()):
        if key.startswith(WAIVER) and gate.is_waived(standing, now):
            open_.append(key.removeprefix(WAIVER))
            if standing.valid_until is not None:
                ends.append(gate_words.aware(standing.valid_until))
    return Part(WAIVERS, int(not open_), 1, tuple(open_))
