"""Every table that only entries write, in one place: which rows the record alone says it holds.

Completeness compares these rows with the tables, and `rebuild_state` writes them. A new protected table is one line in
TABLES and one function that yields its rows; tests/architecture/test_state.py names a table that is missing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from crm_ledger.verify import derive
from crm_ledger.verify.fold import Stream
from crm_ledger.verify.report import Name
from crm_ledger.verify.said import Said
from ledger.rules.replay import Entry

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`key` and `columns` are all of its columns but numbers that the database itself hands out.

    A table is written either by single streams (`of_stream`; `stream` is the column that names it), by many streams
    together (`of_record`, for what is small), or as lines of single entries (`of_entry`). A reference to another
    state table comes after it.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    of_stream: Callable[[Stream], Iterable[Row]] | None = None
    stream: str = "stream"
    of_record: Callable[[Said], Iterable[Row]] | None = None
    of_entry: Callable[[Entry], Iterable[Row]] | None = None
    verdict: Name = "completeness"

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.key, *self.columns)

    @property
    def select(self) -> str:
        return f"SELECT {', '.join(self.all)} FROM {self.name}"


TABLES = (
    # A head is part of the chain: the one table that speaks for integrity.
    Table("ledger_stream", ("id",), ("version", "head", "at"), of_stream=derive.head, stream="id", verdict="integrity"),
    Table("pipeline_seat", ("id",), ("person_id", "function", "unit", "role", "from_at", "until_at", "reports_to",
          "entry_id"), of_record=derive.seats),
    Table("pipeline_fxrate", ("currency", "day"), ("rate", "entry_id"), of_record=derive.rates),
    Table("pipeline_holiday", ("unit", "day"), ("name", "entry_id"), of_record=derive.holidays),
    Table("pipeline_policyversion", ("version",), ("name", "hash", "document", "drafted_at", "drafted_by",
          "published_at"), of_record=derive.policies),
    Table("pipeline_policystage", ("version", "stage"), ("place",), of_record=derive.stages),
    Table("pipeline_gaterequirement", ("version", "stage", "key"), ("kind", "input", "function", "conditional"),
          of_record=derive.requirements),
    Table("ledger_period", ("month",), derive.PERIOD_COLUMNS, of_record=derive.periods),
    Table("reporting_snapshot", ("month", "version"), ("figures", "sha256", "tree_size", "at", "entry_id"),
          of_record=derive.snapshots),
    Table("pipeline_dealstate", ("stream",), derive.DEAL_COLUMNS, of_stream=derive.deal),
    Table("pipeline_stay", ("stream", "from_entry"), ("deal_id", "stage", "unit", "owner_id", "close_on", "value_minor",
          "entered_at", "delivers", "delivers_from", "delivers_months", "from_at", "until_at", "until_entry"),
          of_stream=derive.stays),
    Table("ledger_standing", ("stream", "key"), derive.STANDING_COLUMNS, of_stream=derive.standings),
    Table("governance_waiting", ("stream", "function", "from_entry"), ("deal_id", "unit", "value_minor", "from_at",
          "until_at", "until_entry"), of_stream=derive.waiting),
    Table("governance_alert", ("stream",), derive.ALERT_COLUMNS, of_stream=derive.alerts),
    Table("governance_break", ("stream",), ("id", "deal_id", "unit", "sort", "function", "month", "amount_minor",
          "currency", "facts", "found_at", "at", "cleared_at", "entry_id"), of_stream=derive.breaks),
    Table("governance_waiver", ("stream", "id"), derive.WAIVER_COLUMNS, of_stream=derive.waivers),
    Table("reporting_forecast", ("stream", "entry_id"), ("deal_id", "seat_id", "kind", "category", "ceiling",
          "probability", "amount_minor", "currency", "value_minor", "close_on", "period", "unit", "at", "until_at"),
          of_stream=derive.forecasts),
    Table("reporting_push", ("stream", "entry_id"), ("deal_id", "at", "was_on", "now_on", "boundary", "stage"),
          of_stream=derive.pushes),
    Table("governance_hold", ("stream", "id"), derive.HOLD_COLUMNS, of_stream=derive.holds),
    Table("governance_turn", ("stream", "submission"), ("key", "deal_id", "handed_to", "question", "asked_by",
          "asked_of", "asked_at", "stopped_us", "entry_id"), of_stream=derive.turns),
    Table("governance_touchpoint", ("stream", "id"), derive.TOUCHPOINT_COLUMNS, of_stream=derive.touchpoints),
    Table("governance_accounthealth", ("stream",), ("account_id", "score", "open", "entry_id"),
          of_stream=derive.health),
    Table("reporting_passage", ("stream", "entry_id"), ("deal_id", "stage", "unit", "close_on", "entered_at", "left_at",
          "to_stage", "left_entry"), of_stream=derive.passages),
    Table("reporting_lock", ("stream", "horizon"), ("period", "entry_id", "taken_of", "deals", "digest", "sums"),
          of_stream=derive.locks),
    Table("reporting_sharing", ("stream",), ("person_id", "coach_id", "given_at", "noted_at", "entry_id"),
          of_stream=derive.sharing),
    Table("reporting_look", ("stream", "entry_id"), ("person_id", "looker_id", "purpose", "about", "at"),
          of_stream=derive.looks),
    Table("reporting_call", ("stream", "entry_id"), ("period", "unit", "seat_id", "week", "commit_minor",
          "best_case_minor", "rolled_up", "at"), of_stream=derive.calls),
    Table("governance_objective", ("stream",), ("id", *derive.GOAL_COLUMNS, "owner_seat"), of_stream=derive.objectives),
    Table("governance_target", ("stream",), ("id", *derive.GOAL_COLUMNS, "purpose", "objective_id", "measure", "base",
          "goal", "currency"), of_stream=derive.targets),
    Table("governance_targetlink", ("stream", "target_id", "deal_id", "milestone"), ("amount", "state", "entry_id"),
          of_stream=derive.target_links),
    Table("governance_capacitymonth", ("unit", "month"), ("stream", "base", "expanded", "ceiling", "promised", "soft",
          "confirmed", "entry_id"), of_record=derive.capacity_months),
    Table("governance_reservation", ("deal_id", "unit", "month"), ("units", "state", "entry_id"),
          of_record=derive.reservations),
    Table("governance_expansion", ("id",), ("unit", "units", "ordered_on", "lead_days", "counts_from", "state",
          "ordered_by", "ordered_at", "verified_by", "verified_at", "entry_id"), of_record=derive.expansions),
    Table("reporting_billing", ("stream", "sort", "number"), derive.BILLING_COLUMNS, of_stream=derive.billings),
    Table("reporting_revenue", ("stream",), ("deal_id", "state", "through", "look_on", "agreed_id", "entry_id"),
          of_stream=derive.revenue),
    Table("ledger_posting", ("entry_id",), ("recorded_at", "book", "place", "period", "unit", "deal_id", "seat_id",
          "amount", "currency", "cause", "relates_to"), of_entry=derive.postings),
)  # fmt: skip
BY_STREAM = tuple(table for table in TABLES if table.of_stream)
BY_RECORD = tuple(table for table in TABLES if table.of_record)
BY_ENTRY = tuple(table for table in TABLES if table.of_entry)
# Numbers that go on from the highest one: (sequence, table, column).
SEQUENCES = (
    ("pipeline_seat_number", "pipeline_seat", "id"),
    ("governance_alert_number", "governance_alert", "id"),
    ("governance_break_number", "governance_break", "id"),
    ("governance_objective_number", "governance_objective", "id"),
    ("governance_target_number", "governance_target", "id"),
    ("governance_expansion_number", "governance_expansion", "id"),
)


class Difference(NamedTuple):
    """One column of one row. A row that is missing, or that nothing accounts for, is the column `row`."""

    table: Table
    key: Row
    column: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        key = " ".join(str(part) for part in self.key)
        return f"{self.table.name} {key}: {self.column}: expected {self.expected}, found {self.found}"


def differences(table: Table, expected: Iterable[Row], found: Iterable[Row]) -> Iterable[Difference]:
    """Every difference between two sets of rows of a table; several rows may share a key, such as postings."""
    width = len(table.key)
    wanted, held = _by_key(expected, width), _by_key(found, width)
    for key in sorted({*wanted, *held}, key=str):
        ours, theirs = wanted.get(key, []), held.get(key, [])
        missing, extra = _without(ours, theirs), _without(theirs, ours)
        if len(missing) == len(extra):
            for one, other in zip(missing, extra, strict=True):
                for name, wants, has in zip(table.columns, one, other, strict=True):
                    if wants != has:
                        yield Difference(table, key, name, wants, has)
            continue
        yield from (Difference(table, key, "row", named(table, row), None) for row in missing)
        yield from (Difference(table, key, "row", None, named(table, row)) for row in extra)


def _without(rows: list[Row], others: list[Row]) -> list[Row]:
    """The rows that the others do not have, each as often as it is missing there."""
    left = list(others)
    found = []
    for row in rows:
        if row in left:
            left.remove(row)
        else:
            found.append(row)
    return found


def _by_key(rows: Iterable[Row], width: int) -> dict[Row, list[Row]]:
    found: dict[Row, list[Row]] = {}
    for row in rows:
        plain = tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
        found.setdefault(plain[:width], []).append(plain[width:])
    for held in found.values():
        held.sort(key=str)
    return found


def named(table: Table, row: Row) -> dict[str, Any]:
    return dict(zip(table.columns, row, strict=True))
