"""The SQL of an operation as a script, played by pgbench and by the bare view: the same text for both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Step:
    """One statement; `:name` stands for a variable. Where `keeps` is set, its only row gives further variables."""

    sql: str
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """`given` are the variables that change from one play to the next, as pgbench computes them."""

    steps: tuple[Step, ...]
    given: Mapping[str, str] = field(default_factory=dict)

    def for_pgbench(self) -> str:
        lines = [f"\\set {name} {expression}" for name, expression in self.given.items()]
        return "\n".join(lines + [step.sql + (" \\gset" if step.keeps else ";") for step in self.steps]) + "\n"

    def play(self, cursor: Any, given: Mapping[str, Any]) -> None:
        """Runs the statements on a cursor. Like pgbench, leaves a name that is no variable as it stands."""
        known = {name: str(value) for name, value in given.items()}
        for step in self.steps:
            cursor.execute(_NAME.sub(lambda found: known.get(found[1], found[0]), step.sql))
            if step.keeps:
                row = cursor.fetchone()
                known.update((column.name, str(value)) for column, value in zip(cursor.description, row, strict=True))


def transaction(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The two statements that Django's `atomic` sends around a command."""
    return (Step("BEGIN"), *steps, Step("COMMIT"))
