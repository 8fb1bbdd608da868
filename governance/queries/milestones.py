"""Milestones with their standing: one deal's, one function's queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from governance.rules import turn as turns
from ledger.rules.problems import Problem, not_found
from pipeline.queries import sight
from pipeline.queries.deals import ref_of
from pipeline.rules.seats import SeatView, visible_units

_SELECT = """
SELECT m.id, m.deal_id, d.title, m.key, m.name, m.function, s.unit, s.stage, st.status, st.effect, st.start_by,
       st.due_at, st.valid_until, st.preparer, p.name, st.actor, a.name, st.at, s.amount_minor, s.currency,
       s.value_minor, s.owner_id, o.person_id, op.name, st.entry_id,
       (SELECT count(*) FROM governance_evidence e WHERE e.milestone_id = m.id), st.requirement,
       CASE WHEN st.requirement = 'handshake' THEN st.facts::text END,
       t.handed_to, hp.name, t.question, t.asked_by, t.asked_of, ap.name, t.asked_at, coalesce(t.stopped_us, 0),
       t.entry_id
FROM governance_milestone m
JOIN pipeline_deal d ON d.id = m.deal_id
JOIN pipeline_dealstate s ON s.deal_id = m.deal_id
JOIN ledger_standing st ON st.stream = m.stream AND st.key = m.key
JOIN pipeline_seat o ON o.id = s.owner_id
JOIN pipeline_person op ON op.id = o.person_id
LEFT JOIN pipeline_person p ON p.id = st.preparer
LEFT JOIN pipeline_person a ON a.id = st.actor
LEFT JOIN governance_turn t ON t.stream = st.stream AND t.submission = st.entry_id
LEFT JOIN pipeline_person hp ON hp.id = t.handed_to
LEFT JOIN pipeline_person ap ON ap.id = t.asked_of
"""


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone as lists show it. `actor` wrote its last word."""

    id: int
    deal: int
    title: str
    key: str
    name: str
    function: str
    unit: str
    stage: str
    state: str
    effect: str
    start_by: datetime | None
    due_at: datetime | None
    valid_until: datetime | None
    preparer: int | None
    preparer_name: str | None
    actor: int
    actor_name: str | None
    at: datetime
    amount_minor: int | None
    currency: str | None
    value_minor: int | None
    owner: int
    owner_person: int
    owner_name: str
    entry: int
    evidence: int
    requirement: str  # `milestone`, or `handshake`
    agreed: str | None  # of a handshake: JSON of its date, by whom it was offered, and the earliest of a refusal
    # Whose turn it is at a submission: see governance/rules/turn.py. `turn_entry` wrote its last step.
    handed_to: int | None = None
    handed_name: str | None = None
    question: int | None = None
    asked_by: int | None = None
    asked_of: int | None = None
    asked_name: str | None = None
    asked_at: datetime | None = None
    stopped_us: int = 0
    turn_entry: int | None = None

    @property
    def ref(self) -> str:
        return ref_of(self.deal)

    @property
    def judged_by(self) -> datetime | None:
        """Until when its verifier has time: the due moment, later by what answered questions have stopped."""
        return self.due_at + timedelta(microseconds=self.stopped_us) if self.due_at else None

    def waits_since(self, now: datetime) -> datetime:
        """From when the clock of its verifier would have run without a rest."""
        return turns.waits_since(self.at, self.stopped_us, self.asked_at, now)


def listing(
    seats: Sequence[SeatView],
    *,
    functions: Iterable[str] = (),
    unit: str | None = None,
    states: Iterable[str] = (),
    deal: int | None = None,
    due_before: datetime | None = None,
    mine: int | None = None,
    requirement: str = "milestone",
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[MilestoneRow]:
    """At most `limit` milestones that these seats may see, soonest due first; `after` is the last (due, id).

    `mine` keeps what waits on that person: in a function that they hold, and not their own deal or submission.
    """
    where: list[str] = ["true"]
    values: list[Any] = []
    units = visible_units(seats)

    def only(condition: str, *given: Any) -> None:
        where.append(condition)
        values.extend(given)

    if units is not None:
        only(f"{sight.unit()} = ANY (%s)", list(units))
    if unit:
        only("s.unit = %s", unit)
    if functions:
        only("st.function = ANY (%s)", list(functions))
    if states:
        only("st.status = ANY (%s)", list(states))
    if deal is not None:
        only("m.deal_id = %s", deal)
    if due_before is not None:
        only("st.due_at < %s", due_before)
    if mine is not None:
        held = [(seat.function, seat.unit) for seat in seats]
        only("EXISTS (SELECT FROM unnest(%s::text[], %s::text[]) AS held (f, u)"
             " WHERE held.f = st.function AND (held.u IS NULL OR held.u = s.unit))",
             [function for function, _ in held], [place for _, place in held])  # fmt: skip
        only("o.person_id <> %s AND st.preparer IS DISTINCT FROM %s", mine, mine)
        if requirement == "handshake":
            only("st.actor <> %s", mine)
    if after is not None:
        only("(st.due_at, m.id) > (%s, %s)", *after)
    # Written out, so that the partial index of each sort serves it.
    where.append("st.requirement = 'handshake'" if requirement == "handshake" else "st.requirement = 'milestone'")
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE {' AND '.join(where)} ORDER BY st.due_at, m.id LIMIT %s", [*values, limit])
        return [MilestoneRow(*row) for row in cursor.fetchall()]


def of_deal(deal: int) -> list[MilestoneRow]:
    """Every milestone of a deal, soonest due first. The caller has checked that the deal may be seen."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE m.deal_id = %s ORDER BY st.due_at, m.id", [deal])
        return [MilestoneRow(*row) for row in cursor.fetchall()]


def one(number: int) -> MilestoneRow:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE m.id = %s", [number])
        row = cursor.fetchone()
    if row is None:
        raise not_found(f"Milestone {number}")
    return MilestoneRow(*row)


def deal_of(number: int) -> tuple[int, str]:
    """(deal, key) of a milestone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deal_id, key FROM governance_milestone WHERE id = %s", [number])
        row = cursor.fetchone()
    if row is None:
        raise not_found(f"Milestone {number}")
    return row[0], row[1]


def visible(seats: Sequence[SeatView], number: int) -> MilestoneRow:
    """The milestone, or not-found for what does not exist and for what these seats may not see, alike."""
    row = one(number)
    if not sight.sees(seats, row.deal, row.unit):
        raise not_found(f"Milestone {number}")
    return row


def can_see(seats: Sequence[SeatView], number: int) -> bool:
    try:
        visible(seats, number)
    except Problem:
        return False
    return True
