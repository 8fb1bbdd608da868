"""What went wrong, in words that mend it. Every door shows the same sentence and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one value. `pointer` is a JSON pointer or a path such as `/amount`."""

    pointer: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


@dataclass(slots=True)
class Problem(Exception):
    """A refusal that rolls the transaction back. `slug` ends the problem type of RFC 9457."""

    slug: str
    status: int
    title: str
    detail: str = ""
    faults: Sequence[Fault] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [self.detail or self.title]
        parts += [f"{fault.pointer}: {fault.message} [{fault.code}]" for fault in self.faults]
        return "\n".join(parts)

    @property
    def errors(self) -> list[dict[str, str]]:
        return [fault.as_dict() for fault in self.faults]


def bad_input(faults: Sequence[Fault], title: str = "Some values need to be mended") -> Problem:
    """422 with every fault at once."""
    detail = " ".join(fault.message for fault in faults)
    return Problem("bad-input", 422, title, detail, tuple(faults))


def not_found(what: str) -> Problem:
    """404 for what does not exist and for what this person may not see, alike."""
    return Problem("not-found", 404, f"{what} was not found", f"{what} does not exist, or is not yours to see.")


def forbidden(detail: str, slug: str = "forbidden") -> Problem:
    return Problem(slug, 403, "Not allowed", detail)


def conflict(slug: str, title: str, detail: str, **extra: Any) -> Problem:
    return Problem(slug, 409, title, detail, extra=extra)
