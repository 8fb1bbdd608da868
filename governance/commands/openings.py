"""A person looks at evidence before judging it: looking is noted, and the browser's door asks for it."""

from __future__ import annotations

from django.db import connection

from governance.commands import milestones
from governance.models import Evidence
from governance.queries import evidence
from ledger.rules.actor import Actor
from ledger.rules.problems import conflict
from ledger.transactions import command


@command
def note(piece: Evidence, *, by: Actor) -> None:
    """Notes once that this person opened a piece of evidence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO governance_evidenceopening (evidence_id, person_id, opened_at)"
            " VALUES (%s, %s, ledger_now()) ON CONFLICT DO NOTHING",
            [piece.pk, by.person],
        )


@command
def verify(number: int, *, by: Actor, note: str = "") -> None:
    """Verifies, once each file and link of the milestone was opened by this person; else evidence-unopened (409)."""
    left = [piece.name for piece in evidence.unopened(number, by.person)]
    if left:
        names = ", ".join(left[:3])
        raise conflict("evidence-unopened", "The evidence is not opened", f"Open it first: {names}. [MS-OPEN-1]")
    milestones.verify(number, by=by, note=note)
