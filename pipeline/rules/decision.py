"""What a gate says: every requirement, with the fact that decided it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.rules.policy import RequirementKind

RequirementState = Literal["met", "unmet", "waived", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Result:
    """One requirement judged. `status` is the finer word: submitted, stale, rejected, not_started, …

    `fact` is the ledger entry that decided it, when one did. `who` names a function when nobody is named.
    """

    key: str
    kind: RequirementKind
    state: RequirementState
    status: str
    message: str
    owner_function: str
    remedy: str
    who: str = ""
    due: datetime | None = None
    fact: int | None = None
    code: str = ""

    @property
    def holds(self) -> bool:
        return self.state == "unmet"


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer. `passed` is true when no requirement is unmet."""

    from_stage: str
    to_stage: str
    policy_version: int
    results: tuple[Result, ...]
    facts_hash: str

    @property
    def passed(self) -> bool:
        return not any(result.holds for result in self.results)

    @property
    def refusals(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.holds)

    @property
    def waived(self) -> bool:
        return any(result.state == "waived" for result in self.results)
