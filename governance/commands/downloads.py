"""A person looks at evidence: it is hashed again, and that they looked is noted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from governance.commands import evidence_store, openings
from governance.models import Evidence
from governance.queries import evidence, milestones
from governance.rules.evidence import digest
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem, conflict, not_found
from ledger.transactions import command
from pipeline.queries import seats


@dataclass(frozen=True, slots=True)
class Opened:
    """`path` of a file that is what its fingerprint says; None for a link, reference or number."""

    piece: Evidence
    path: Path | None


@command
def open_piece(number: int, *, by: Actor) -> Opened:
    """Raises not-found for what this person may not see, evidence-erased (410) for what an erasure took, and
    evidence-altered (409) for what is not what it was."""
    piece = evidence.one(number)
    if not milestones.can_see(seats.of_person(by.person), piece.milestone_id):
        raise not_found(f"Evidence {number}")
    refuse_erased(piece)
    if not _is_intact(piece):
        raise conflict(
            "evidence-altered",
            "The evidence was altered",
            f"“{piece.name}” is not what was uploaded: its SHA-256 is no longer {piece.sha256}. Tell an auditor.",
        )
    openings.note(piece, by=by)
    return Opened(piece, evidence_store.path_of(piece.sha256) if piece.kind == "file" else None)


def refuse_erased(piece: Evidence) -> None:
    if piece.erased:
        raise Problem(
            "evidence-erased",
            410,
            "The evidence was erased",
            f"It held personal data and was erased by two people. Its SHA-256 stays on the record: {piece.sha256}."
            " Ask who added it for a new piece without personal data. [EVIDENCE-13]",
        )


def _is_intact(piece: Evidence) -> bool:
    if piece.kind == "file":
        return evidence_store.is_intact(piece.sha256)
    return digest(piece.kind, piece.value) == piece.sha256
