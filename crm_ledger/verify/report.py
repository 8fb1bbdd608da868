"""What a verification found: for each verdict how much was checked and the facts that are broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ledger.rules.replay import Entry

if TYPE_CHECKING:
    from crm_ledger.verify.state import Difference

Name = Literal["integrity", "completeness", "lawfulness"]
NAMES: tuple[Name, ...] = ("integrity", "completeness", "lawfulness")
MOST_KEPT = 100  # broken facts of one verdict that are kept; all are counted
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken fact: where it is, what should be there, what is there."""

    fact: str
    expected: Any
    found: Any
    entry: int | None = None
    place: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "entry": self.entry,
            "place": self.place,
            "fact": self.fact,
            "expected": _short(self.expected),
            "found": _short(self.found),
        }

    def __str__(self) -> str:
        where = f"entry {self.entry} ({self.place})" if self.entry is not None else self.place
        return f"{where}: {self.fact}: expected {_short(self.expected)}, found {_short(self.found)}"


def _hex(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _short(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


@dataclass(slots=True)
class Verdict:
    checked: int = 0
    broken: int = 0
    violations: list[Violation] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.broken

    def add(self, violation: Violation) -> None:
        self.broken += 1
        if len(self.violations) < MOST_KEPT:
            self.violations.append(violation)

    def as_dict(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "checked": self.checked,
            "first": self.violations[0].as_dict() if self.violations else None,
            "broken": self.broken,
            "violations": [violation.as_dict() for violation in self.violations],
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Verdict:
        kept = [Violation(**violation) for violation in said["violations"]]
        return cls(said["checked"], said["broken"], kept)


@dataclass(slots=True)
class Report:
    verdicts: dict[Name, Verdict] = field(default_factory=lambda: {name: Verdict() for name in NAMES})
    tree_size: int = 0
    unsealed: int = 0
    entries: int = 0
    seconds: float = 0.0

    def __getitem__(self, name: Name) -> Verdict:
        return self.verdicts[name]

    @property
    def ok(self) -> bool:
        return all(verdict.ok for verdict in self.verdicts.values())

    def broken(self, name: Name, fact: str, expected: Any, found: Any, at: Entry | str) -> None:
        if isinstance(at, Entry):
            self.at(name, fact, expected, found, f"{at.stream} {at.seq}, {at.kind}", at.id)
        else:
            self.at(name, fact, expected, found, at)

    def differs(self, found: Difference, at: Entry | str) -> None:
        """A column of a table is not what the record says."""
        key = " ".join(str(part) for part in found.key[1:])
        fact = f"{found.table.name} {key}".strip()
        if found.column != "row":
            fact += f".{found.column}"
        self.broken(found.table.verdict, fact, _hex(found.expected), _hex(found.found), at)

    def at(self, name: Name, fact: str, expected: Any, found: Any, place: str, entry: int | None = None) -> None:
        self[name].add(Violation(fact, expected, found, entry, place))

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Report:
        """The inverse of `as_dict`: a run that was cut off goes on with what it has found."""
        verdicts = {name: Verdict.from_dict(said[name]) for name in NAMES}
        return cls(verdicts, said["tree_size"], said["unsealed"], said["entries"], said["seconds"])

    def as_dict(self) -> dict[str, Any]:
        return {
            **{name: verdict.as_dict() for name, verdict in self.verdicts.items()},
            "tree_size": self.tree_size,
            "unsealed": self.unsealed,
            "entries": self.entries,
            "seconds": round(self.seconds, 3),
        }
