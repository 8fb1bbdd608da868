"""Categories of a forecast. A deal stands in exactly one of them; a call is what is at least that sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Category = Literal["omitted", "pipeline", "best_case", "commit", "booked"]
CATEGORIES: tuple[Category, ...] = ("omitted", "pipeline", "best_case", "commit", "booked")
CHOICES: tuple[Category, ...] = CATEGORIES[:-1]  # booked is never chosen: the record says it
NAMES: Mapping[Category, str] = {
    "omitted": "Omitted", "pipeline": "Pipeline", "best_case": "Best case", "commit": "Commit", "booked": "Booked",
}  # fmt: skip
UNSAID: Category = "pipeline"  # where an open deal stands while nobody has said more


def rank(category: str) -> int:
    """The surer, the higher."""
    return CATEGORIES.index(category)  # type: ignore[arg-type]


def lower(one: Category, other: Category) -> Category:
    return min(one, other, key=rank)


def standing(booked: bool, said: Category | None, ceiling: Category | None) -> Category:
    """The one category of a deal: what was said of it, at or below what the system allows now."""
    if booked:
        return "booked"
    chosen = UNSAID if said is None else said
    return chosen if ceiling is None else lower(chosen, ceiling)


@dataclass(frozen=True, slots=True)
class Calls:
    """Minor units of the reporting currency, by category."""

    booked: int = 0
    commit: int = 0
    best_case: int = 0
    pipeline: int = 0
    omitted: int = 0

    @property
    def commit_call(self) -> int:
        """Booked 400 and commit 250: 650."""
        return self.booked + self.commit

    @property
    def best_case_call(self) -> int:
        """With 180 best case: 830."""
        return self.commit_call + self.best_case

    @property
    def total(self) -> int:
        """With 500 pipeline: 1,330. What is omitted is in none of them."""
        return self.best_case_call + self.pipeline


def calls_of(sums: Mapping[str, int]) -> Calls:
    """From sums by category; an unknown category is an error."""
    return Calls(**dict(sums))
