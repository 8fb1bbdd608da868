"""What waits on a person or their functions for verification: what holds most value first."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from governance.models import Evidence
from governance.queries import milestones
from governance.queries.milestones import MilestoneRow
from pipeline.queries.reading import Reading

MOST = 100


@dataclass(frozen=True, slots=True)
class Queue:
    """`mine`: could be verified by this person, and was not handed to somebody else. `team`: everything that waits on
    their functions. `asked`: questions that this person answers, then those on which their functions wait."""

    mine: list[MilestoneRow] = field(default_factory=list)
    team: list[MilestoneRow] = field(default_factory=list)
    asked: list[MilestoneRow] = field(default_factory=list)

    def held_minor(self) -> int:
        """Value held by what waits on this person; a deal counts once."""
        return sum({row.deal: row.value_minor or 0 for row in self.mine}.values())


def waiting(read: Reading) -> Queue:
    """At most 100 submissions, and 100 offers, in the functions of this reader; three queries."""
    functions = sorted({seat.function for seat in read.seats if seat.role != "admin"})
    mine_to_answer = questions_of(read.person)
    if not functions:
        return Queue(asked=mine_to_answer)
    rows = milestones.listing(read.seats, functions=functions, states=["submitted"], limit=MOST)
    rows += milestones.listing(read.seats, functions=functions, states=["offered"], requirement="handshake", limit=MOST)
    rows.sort(key=lambda row: (-(row.value_minor or 0), row.due_at is None, row.due_at))
    resting = [row for row in rows if row.question is not None and row.asked_of != read.person]
    rows = [row for row in rows if row.question is None]
    held = [(seat.function, seat.unit) for seat in read.seats]
    mine = [
        row
        for row in rows
        if any(function == row.function and unit in (None, row.unit) for function, unit in held)
        and read.person not in (row.owner_person, row.preparer, row.actor if row.state == "offered" else None)
        and row.handed_to in (None, read.person)
    ]
    return Queue(mine, rows, mine_to_answer + resting)


def questions_of(person: int) -> list[MilestoneRow]:
    """What this person was asked and has not answered, longest asked first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{milestones._SELECT} WHERE t.asked_of = %s AND t.question IS NOT NULL AND st.status = 'submitted'"
            " ORDER BY t.asked_at LIMIT %s",
            [person, MOST],
        )
        return [MilestoneRow(*row) for row in cursor.fetchall()]


def done(read: Reading, limit: int = 50) -> list[MilestoneRow]:
    """What this person decided last, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{milestones._SELECT} WHERE st.requirement = 'milestone' AND st.actor = %s"
            " AND st.status IN ('verified', 'rejected', 'revoked') ORDER BY st.at DESC LIMIT %s",
            [read.person, limit],
        )
        return [MilestoneRow(*row) for row in cursor.fetchall()]


def evidence(milestone: int, person: int) -> list[tuple[Evidence, bool]]:
    """Each piece, with whether this person has opened it."""
    pieces = Evidence.objects.filter(milestone_id=milestone).select_related("added_by").order_by("id")
    opened = set(
        Evidence.objects.filter(milestone_id=milestone, openings__person_id=person).values_list("pk", flat=True)
    )
    return [(piece, piece.pk in opened or piece.kind not in ("file", "link")) for piece in pieces]


def piece(number: int) -> tuple[Evidence, str] | None:
    """A piece of evidence with the unit of its deal."""
    found = Evidence.objects.filter(pk=number).select_related("milestone").first()
    if found is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT unit FROM pipeline_dealstate WHERE deal_id = %s", [found.milestone.deal_id])
        return found, cursor.fetchone()[0]
