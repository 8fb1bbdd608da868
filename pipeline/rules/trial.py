"""What a trial of a policy comes to: who would be blocked and released today, and what it would have blocked before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Verdict = Literal["blocked", "released", "same"]


@dataclass(frozen=True, slots=True)
class Open:
    """One requirement that shuts the gate: its key, who acts on it, and its sentence."""

    key: str
    function: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One open deal at its next gate: under its own policy, and under the other."""

    deal: int
    ref: str
    title: str
    stage: str
    unit: str
    owner: int  # seat
    value_minor: int | None
    verdict: Verdict
    open: tuple[Open, ...] = ()  # why the other policy blocks it

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(one.key for one in self.open)


@dataclass(frozen=True, slots=True)
class Passed:
    """A gate that a deal passed at a moment, and the keys for which the other policy would have shut it."""

    deal: int
    to: str
    at: datetime
    value_minor: int | None
    blocked_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """`steps` gates that were passed; of them `blocked`, by so many `deals` worth `value_minor` together."""

    steps: int = 0
    blocked: int = 0
    deals: int = 0
    value_minor: int = 0
    by_key: dict[str, int] = field(default_factory=dict)  # requirement → steps that it would have stopped


def tally(passed: Iterable[Passed]) -> Tally:
    """A deal counts once, with the value of the last step that would have been stopped."""
    steps = blocked = 0
    worth: dict[int, int] = {}
    keys: dict[str, int] = {}
    for step in passed:
        steps += 1
        if step.blocked_by:
            blocked += 1
            worth[step.deal] = step.value_minor or 0
            for key in step.blocked_by:
                keys[key] = keys.get(key, 0) + 1
    ordered = dict(sorted(keys.items(), key=lambda pair: (-pair[1], pair[0])))
    return Tally(steps, blocked, len(worth), sum(worth.values()), ordered)
