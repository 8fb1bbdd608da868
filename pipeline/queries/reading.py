"""Everything a page needs to know before it reads anything: who reads, when, and where the ledger stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from ledger.queries import moment, prepared
from pipeline.queries.organisation import Company
from pipeline.rules.seats import SeatView, seats, visible_units

_READ = """
SELECT pipeline_seats_of(%s, public.ledger_now()), ledger_now(), public.ledger_now(), clock_timestamp(),
    coalesce((SELECT max(id) FROM ledger_entry), 0),
    (SELECT max(version) FROM pipeline_policyversion WHERE published_at IS NOT NULL),
    coalesce((SELECT jsonb_object_agg(key, name) FROM pipeline_unit), '{}'),
    coalesce((SELECT jsonb_object_agg(key, name) FROM pipeline_businessfunction), '{}'),
    o.currency, o.timezone, o.fiscal_start_month, o.name
FROM (SELECT 1) AS one LEFT JOIN LATERAL (SELECT * FROM pipeline_organisation ORDER BY id LIMIT 1) AS o ON true
"""

# What an act asks; a page also wants the words for units and functions, and where the ledger stands.
ACT_COLUMNS = """pipeline_seats_of(%(person)s, clock.at), clock.at,
    (SELECT max(version) FROM pipeline_policyversion WHERE published_at IS NOT NULL),
    o.currency, o.timezone, o.fiscal_start_month, o.name"""
ACT_FROM = """FROM ledger_now() AS clock (at)
LEFT JOIN LATERAL (SELECT * FROM pipeline_organisation ORDER BY id LIMIT 1) AS o ON true"""


@dataclass(frozen=True, slots=True)
class Acting:
    """One person who acts at one moment. `policy` is the version in force."""

    seats: tuple[SeatView, ...]
    now: datetime
    policy: int | None
    company: Company


def acts(row: Sequence[Any]) -> Acting:
    """Of the values of ACT_COLUMNS."""
    held, now, policy, currency, zone, start, name = row
    return Acting(
        seats(json.loads(held)), now, policy, Company(currency or "USD", zone or "UTC", start or 1, name or "")
    )


@dataclass(frozen=True)
class Reading:
    """One reader at one moment. `policy` is the version in force; `units` and `functions` are names by key."""

    person: int
    seats: tuple[SeatView, ...]
    now: datetime
    clock: datetime  # the clock; the same as `now` but where the past is read
    moved: bool  # the demo clock runs ahead
    position: int
    policy: int | None
    units: Mapping[str, str]
    functions: Mapping[str, str]
    company: Company

    @cached_property
    def visible(self) -> tuple[str, ...] | None:
        """Units whose deals this reader sees; None for all."""
        return visible_units(self.seats)

    @property
    def past(self) -> bool:
        """Whether `now` is a moment of the past: there nobody acts, and seats are today's, for what may be seen."""
        return moment.past() is not None

    @property
    def today(self) -> date:
        return self.company.day_of(self.now)

    @property
    def zone(self) -> str:
        return self.company.timezone

    def has_role(self, *roles: str) -> bool:
        return any(seat.role in roles for seat in self.seats)


def reading(person: int) -> Reading:
    held, now, clock, machine, position, policy, units, functions, currency, zone, start, name = prepared.row(
        _READ, [person]
    )
    company = Company(currency or "USD", zone or "UTC", start or 1, name or "")
    ahead = abs((clock - machine).total_seconds()) > 60
    return Reading(
        person,
        seats(json.loads(held)),
        now,
        clock,
        ahead,
        position,
        policy,
        json.loads(units),
        json.loads(functions),
        company,
    )
