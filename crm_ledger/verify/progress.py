"""How far a verification has come: enough to go on from there in another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from crm_ledger.verify.report import Report
from ledger.rules.tiles import Edge

Phase = Literal["tree", "others", "deals", "tables", "totals"]
PHASES: tuple[Phase, ...] = get_args(Phase)


class Paused(Exception):
    """The run was asked to stop at a place from which it can go on."""


@dataclass(slots=True)
class Progress:
    """`edge` is the tree up to the last leaf that was looked at, `after` the last stream that was read to its end."""

    report: Report = field(default_factory=Report)
    phase: Phase = "tree"
    after: str = ""
    edge: Edge = field(default_factory=lambda: Edge(0, []))
    latest: datetime | None = None  # the latest moment of all leaves so far, and the number of its entry
    latest_entry: int = 0
    newest: datetime | None = None  # of the leaves under the last head

    def move_on(self) -> None:
        self.phase, self.after = PHASES[PHASES.index(self.phase) + 1], ""

    def is_before(self, phase: Phase) -> bool:
        return PHASES.index(self.phase) < PHASES.index(phase)

    @property
    def done(self) -> int:
        """Leaves and entries so far: a whole run comes to twice the entries."""
        return self.edge.size + self.report.entries

    def as_dict(self) -> dict[str, Any]:
        return {
            "report": self.report.as_dict(),
            "phase": self.phase,
            "after": self.after,
            "size": self.edge.size,
            "loose": [[digest.hex() for digest in hashes] for hashes in self.edge.loose],
            "latest": self.latest and self.latest.isoformat(),
            "latest_entry": self.latest_entry,
            "newest": self.newest and self.newest.isoformat(),
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Progress:
        loose = [[bytes.fromhex(digest) for digest in hashes] for hashes in said["loose"]]
        latest, newest = (said[name] and datetime.fromisoformat(said[name]) for name in ("latest", "newest"))
        report, edge = Report.from_dict(said["report"]), Edge(said["size"], loose)
        return cls(report, said["phase"], said["after"], edge, latest, said["latest_entry"], newest)


Rest = Callable[[], None]
"""Called wherever the run could go on from; raises Paused to stop it there."""
