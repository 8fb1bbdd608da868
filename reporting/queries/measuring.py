"""What a measure is, what it is asked, and what it answers. Page, API, file, target and alert see the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from ledger.queries import moment
from pipeline.queries import policies
from pipeline.queries.organisation import Company
from pipeline.rules.policy import Policy
from reporting.queries.booked_deals import BookedDeal
from reporting.rules.measured import Unit, Value, said
from reporting.rules.periods import Period
from reporting.rules.table import MONEY, TEXT, Column, Table

T = TypeVar("T")
Behind = Callable[[int | None, int], Sequence[BookedDeal]]  # (entry of the last deal seen, most) → deals, newest first


@dataclass(frozen=True, slots=True)
class Asked:
    """What a measure is over. `period` None is all time, `units` None all of them; `by` are ways of the measure.

    `past`: whether `as_of` is another moment than the present. `known`: what came late into a closed month counts in
    the month in which it was true, as now known, and not in the one that it was reported in. `function`: of what waits
    on this one only; a receipt has no word for it, so only lists ask it.
    """

    company: Company
    as_of: datetime
    period: Period | None = None
    units: tuple[str, ...] | None = None
    by: tuple[str, ...] = ()
    past: bool = False
    known: bool = False
    function: str = ""
    stage: str = ""
    _read: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def since(self) -> date | None:
        """The first day of the period."""
        return self.period.first if self.period else None

    @property
    def until(self) -> date | None:
        """The day after the period."""
        return self.period.until if self.period else None

    @property
    def policy(self) -> Policy | None:
        """The one that was in force then; None before the first."""
        return self.once(_policy)

    def once(self, source: Callable[[Asked], T]) -> T:
        """What several measures read, read once for one question."""
        if source not in self._read:
            self._read[source] = source(self)
        found: T = self._read[source]
        return found

    @contextmanager
    def reading(self) -> Iterator[None]:
        """For queries of what stands at a moment, which name none: they read it inside."""
        if not self.past or moment.past() == self.as_of:
            yield
        else:
            with moment.known_at(self.as_of):
                yield


def _policy(asked: Asked) -> Policy | None:
    version = policies.newest_at(asked.as_of)
    return policies.version(version) if version else None


class Row(NamedTuple):
    """The value of one group; `key` names it along the ways that were asked for, in their order."""

    key: tuple[str, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` are by what was asked; `table` is what a file holds, always by every way of the measure.

    `position` is the newest entry known at the moment. `count` and `behind` read the deals when they are called.
    """

    value: Value
    rows: tuple[Row, ...]
    position: int
    definition_version: int
    table: Table
    count: Callable[[], int]
    behind: Behind


@dataclass(frozen=True, slots=True)
class Measure:
    """One number with one definition. `query` is the only way to it.

    `owner` is the function that answers for the definition, `decision` what it is looked at for. `version` counts the
    definitions that this one has had; None where the policy in force defines it. `ways` are what it can be grouped by.
    """

    name: str
    title: str
    definition: str
    owner: str
    decision: str
    unit: Unit
    version: int | None
    ways: tuple[str, ...]
    query: Callable[[Asked], Answer]
    by_period: bool = True  # whether it has one at all
    moved: Callable[[Asked, datetime], Any] | None = None  # why it moved since a moment: its bridge
    by_function: bool = False  # whether its list can be of one function
    by_stage: bool = False  # whether its list can be of one stage
    months: str = ""  # by which months its receipts say that it goes, where those of an earlier definition said nothing
    earlier: Callable[[Asked], Answer] | None = None  # what those receipts were of, while it is kept

    def said(self, value: Value, company: Company) -> str | None:
        return said(value, self.unit, company.currency)

    def currency(self, company: Company) -> str:
        return company.currency if self.unit == "money" else ""


Cell = tuple[tuple[str, ...], int]  # (where along every way, amount)


def month(day: date) -> str:
    return f"{day:%Y-%m}"


def summed(
    cells: Iterable[Cell],
    ways: Sequence[str],
    asked: Asked,
    *,
    position: int,
    version: int,
    count: Callable[[], int],
    behind: Behind,
    table: Table | None = None,
    unit: Unit = "money",
) -> Answer:
    """The answer of a measure that adds up."""
    known = sorted(cells)
    places = [ways.index(way) for way in asked.by]
    groups: dict[tuple[str, ...], int] = {}
    for key, amount in known if places else ():
        at = tuple(key[place] for place in places)
        groups[at] = groups.get(at, 0) + amount
    rows = tuple(Row(key, value) for key, value in sorted(groups.items()))
    total = sum(amount for _key, amount in known)
    found = table or tabled(((key, amount) for key, amount in known if amount), ways, unit, asked.company)
    return Answer(total, rows, position, version, found, count, behind)


def tabled(cells: Iterable[tuple[tuple[str, ...], Value]], ways: Sequence[str], unit: Unit, company: Company) -> Table:
    """A row for each cell: its ways, and `value`."""
    columns = (*(Column(way, TEXT) for way in ways), Column("value", MONEY if unit == "money" else TEXT))
    return Table(columns, company.currency, [(*key, said(value, unit, company.currency)) for key, value in cells])
