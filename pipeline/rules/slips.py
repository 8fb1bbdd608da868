"""What the record says of a deal's delivery: the agreed terms, and every milestone that does not keep them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ledger.rules.standing import Standing, Standings
from pipeline.rules.deal import DealView
from pipeline.rules.policy import MilestoneTemplate, Policy
from pipeline.rules.schedule import Cause, Point, Terms, equal_months, term_days

LONGEST = 1_200  # months or days that a term may have
MOST_PARTS = 120  # of a term in equal months, each of which an entry names


def terms(policy: Policy, deal: DealView, standings: Standings, zone: str) -> Terms | None:
    """The agreed delivery of a deal; None while it has no value or no start."""
    if not deal.value_minor or deal.start_on is None:
        return None
    said = policy.delivery
    number = deal.fact(said.term_input)
    length = number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else said.term_default
    length = min(length, MOST_PARTS if said.profile == "monthly" else LONGEST)
    days = term_days(deal.start_on, length, said.term_unit)
    points = _points(policy, deal.start_on, length, standings, zone)
    return Terms(deal.value_minor, deal.start_on, days, said.mode, points)


def _points(policy: Policy, start: date, length: int, standings: Standings, zone: str) -> tuple[Point, ...]:
    if policy.delivery.profile == "daily":
        return ()
    if policy.delivery.profile == "monthly":
        return equal_months(start, length)
    points = []
    for part in policy.delivery.shares:
        on = start + timedelta(days=part.day)
        standing = standings.get(part.milestone) if part.milestone else None
        if standing is not None and standing.first_due_at is not None:
            lag = policy.milestones[part.milestone].lag_days
            on = _day(standing.first_due_at, zone) + timedelta(days=lag)
        points.append(Point(on, part.share, part.milestone))
    return tuple(points)


def causes(
    policy: Policy, start: date, standings: Standings, now: datetime, zone: str, estimates: Mapping[str, int]
) -> tuple[Cause, ...]:
    """The milestones that move revenue and are not where they were planned, in the order of their due moments.

    `estimates`: milestone → days that such a one takes beyond today, for those that are overdue; the policy's default
    where nothing is known.
    """
    paying = {part.milestone for part in policy.delivery.shares}
    found = []
    for key, template in policy.milestones.items():
        standing = standings.get(key)
        if standing is None or standing.first_due_at is None or not (template.blocks or key in paying):
            continue
        cause = cause_of(template, start, standing, now, zone, estimates.get(key, policy.delivery.slip_days))
        if cause is not None:
            found.append(cause)
    return tuple(sorted(found, key=lambda cause: (cause.due, cause.key)))


def cause_of(
    template: MilestoneTemplate, start: date, standing: Standing, now: datetime, zone: str, estimate_days: int
) -> Cause | None:
    """None when it is expected where it was planned, or earlier."""
    assert standing.first_due_at is not None
    due = _day(standing.first_due_at, zone)
    expected, estimate = _expected(standing, now, zone, estimate_days)
    if expected is None or expected <= due:
        return None
    room = template.float_days
    if room is None:
        room = max(0, (start - due).days - template.lag_days)
    return Cause(template.key, due, expected, room, template.blocks, estimate)


def _expected(standing: Standing, now: datetime, zone: str, estimate_days: int) -> tuple[date | None, bool]:
    """Verified: the day on which it was. Overdue: the later of a re-plan and the estimate. Else: its due day."""
    if standing.effect == "met":
        return (_day(standing.at, zone) if standing.at else None), False
    if not standing.is_open or standing.due_at is None:
        return None, False
    promised = _day(standing.due_at, zone)
    if standing.due_at > now:
        return promised, False
    return _day(now, zone) + timedelta(days=estimate_days), True


def is_overdue(standing: Standing, now: datetime) -> bool:
    return standing.is_open and standing.due_at is not None and standing.due_at <= now


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
