"""How sure a deal may be called: the system sets the ceiling with every reason, a person chooses at or below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ledger.rules.standing import Standing, Standings
from pipeline.rules import gate, pushes, quality, staleness
from pipeline.rules.deal import DealView
from pipeline.rules.integrity import CERTIFIED
from pipeline.rules.policy import Policy
from pipeline.rules.pushes import Push
from reporting.rules.forecast.categories import Category, rank

_PROVEN = ("milestone", "handshake")
_BEST_CASE = {"amount": "Amount", "economic_buyer": "Economic buyer"}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a category is not open: `code` for programs, a sentence for people, and who resolves it."""

    code: str
    key: str
    category: Category  # the one that it shuts
    sentence: str
    owner_function: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The surest category that may be chosen, and every reason why none above it may."""

    category: Category
    reasons: tuple[Reason, ...] = ()

    def shut(self, wanted: str) -> tuple[Reason, ...]:
        """The reasons against a choice; empty when it is at or below the ceiling. What shuts best case shuts commit."""
        return tuple(reason for reason in self.reasons if rank(reason.category) <= rank(wanted))


@dataclass(frozen=True, slots=True)
class Known:
    """What the ceiling looks at beside deal and standings. `integrity` is the score, 0 to 100."""

    integrity: int
    moved: tuple[Push, ...] = ()


def of(policy: Policy, deal: DealView, standings: Standings, known: Known, now: datetime, zone: str) -> Ceiling:
    """Commit: every booking milestone verified, or due inside the period with owner and accepted date; capacity held
    for every month; no hold; not pushed over more than two period ends without being verified anew; integrity ≥ 80.
    Best case: economic buyer and amount pass the quality test. Else pipeline. A booked deal needs no ceiling.
    """
    if deal.stage not in {stage.key for stage in policy.stages}:
        closed = Reason("FORECAST-1", "stage", "pipeline", "The deal is not open.", "sales", "Re-open it first.")
        return Ceiling("omitted", (closed,))
    weak = _best_case(policy, deal)
    reasons = (*weak, *_commit(policy, deal, standings, known, now, zone))
    return Ceiling("pipeline" if weak else "best_case" if reasons else "commit", reasons)


def booking_keys(policy: Policy) -> tuple[str, ...]:
    """The milestones and handshakes that the gate into the last stage asks for."""
    return tuple(need.key for need in policy.stages[-1].gate if need.kind in _PROVEN)


def verified_keys(policy: Policy, deal: DealView, standings: Standings, now: datetime) -> tuple[str, ...]:
    """Those of them that are verified, valid and unchanged at `now`."""
    return tuple(key for key in booking_keys(policy) if _stands(standings.get(key), deal, now))


def _best_case(policy: Policy, deal: DealView) -> list[Reason]:
    found = []
    for key, name in _BEST_CASE.items():
        field, value = policy.inputs.get(key), deal.fact(key)
        fault = quality.test(field, value) if field is not None else None
        if fault is None and (field is not None or value):
            continue
        say = fault.message if fault is not None else f"{name} is not given yet."
        owner = field.owner_function if field is not None else "sales"
        found.append(Reason("FORECAST-2", key, "best_case", say, owner, f"Enter it under Facts: {name.lower()}."))
    return found


def _commit(
    policy: Policy, deal: DealView, standings: Standings, known: Known, now: datetime, zone: str
) -> list[Reason]:
    found = []
    for need in policy.stages[-1].gate:
        standing = standings.get(need.key)
        if need.kind in _PROVEN:
            template = policy.milestones.get(need.key)
            name, owner = (template.name, template.owner_function) if template else (need.key, need.owner_function)
            say = _owed(name, standing, deal, now, zone)
            if say:
                found.append(Reason("FORECAST-3", need.key, "commit", say, owner, need.remedy))
        elif need.kind == "capacity" and not _stands(standing, deal, now):
            say = "Capacity is not held for every delivery month."
            found.append(Reason("FORECAST-4", need.key, "commit", say, need.owner_function, need.remedy))
    if deal.close_on is None:
        say = "The close date is not known, so no period can count on it."
        found.append(Reason("FORECAST-5", "close_on", "commit", say, "sales", "Enter the close date under Facts."))
    verified = {key: _since(standings.get(key), deal, now) for key in booking_keys(policy)}
    if pushes.needs_reverification(known.moved, verified):
        times = pushes.boundary_pushes(known.moved)
        say = f"The close was pushed over {times} period ends. What was verified before the last counts no more here."
        found.append(Reason("FORECAST-6", "pushes", "commit", say, "operations", "Verify the booking milestones anew."))
    if known.integrity < CERTIFIED:
        say = f"The integrity of the deal is {known.integrity}; a commit wants {CERTIFIED}."
        found.append(Reason("FORECAST-7", "integrity", "commit", say, "sales", "See what the score lacks on the deal."))
    for key, standing in sorted(standings.items()):
        if gate.is_hold(key) and standing.effect == "unmet":
            say = f"{standing.function.capitalize()} holds the deal: nothing of it is sure."
            found.append(
                Reason("FORECAST-10", key, "commit", say, standing.function, "Ask who holds it to release it.")
            )
    return found


def _owed(name: str, standing: Standing | None, deal: DealView, now: datetime, zone: str) -> str:
    """Why a milestone does not support a commit, or empty."""
    if _stands(standing, deal, now):
        return ""
    if standing is None:
        return f"{name} is not planned yet."
    if standing.effect == "met":
        return f"{name} was verified and needs a new check."
    if standing.effect == "waived" or standing.status == "released":
        return f"{name} is not verified."
    if standing.due_at is None or not standing.function:
        return f"{name} has no owner or no accepted date."
    if standing.due_at <= now:
        return f"{name} is overdue."
    if deal.close_on is not None and _month(standing.due_at.astimezone(ZoneInfo(zone)).date()) > _month(deal.close_on):
        return f"{name} is due after the period in which the deal is to close."
    return ""


def _stands(standing: Standing | None, deal: DealView, now: datetime) -> bool:
    if standing is None or standing.effect != "met":
        return False
    return (standing.valid_until is None or standing.valid_until > now) and staleness.stale(
        standing.facts, deal
    ) is None


def _since(standing: Standing | None, deal: DealView, now: datetime) -> datetime | None:
    return standing.at if standing is not None and _stands(standing, deal, now) else None


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def as_body(reasons: Sequence[Reason]) -> list[list[str]]:
    """As an entry keeps them: [code, key], enough to say them again."""
    return [[reason.code, reason.key] for reason in reasons]


def as_problem(reasons: Sequence[Reason]) -> list[Mapping[str, str]]:
    return [
        {
            "code": reason.code,
            "key": reason.key,
            "category": reason.category,
            "message": reason.sentence,
            "owner_function": reason.owner_function,
            "remedy": reason.remedy,
        }
        for reason in reasons
    ]
