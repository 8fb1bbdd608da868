"""Who acts, through which door. Read at the edge, handed down as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Channel = Literal["web", "api", "import", "bulk", "admin", "task", "shell"]
SYSTEM_PERSON = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """`person` is an id, 0 for the system. A delegate acts `on_behalf` and inherits the principal's conflicts."""

    person: int
    channel: Channel
    request: str = ""
    on_behalf: int | None = None

    @property
    def people(self) -> tuple[int, ...]:
        """Everyone whose conflicts count."""
        return (self.person,) if self.on_behalf is None else (self.person, self.on_behalf)


SYSTEM = Actor(SYSTEM_PERSON, "task")
