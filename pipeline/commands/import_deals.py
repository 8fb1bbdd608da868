"""Brings in a spreadsheet of deals. Dry run and import are the same code; a dry run is rolled back at the end.

One file is one transaction, so nothing is ever half there; rows go in by 250, each batch at a moment of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import SYSTEM_PERSON, Actor
from ledger.transactions import command
from pipeline import permissions
from pipeline.commands import opening
from pipeline.commands.importing import becoming
from pipeline.commands.importing.directory import Directory
from pipeline.commands.importing.files import Contents, Files, Table, read
from pipeline.models import ImportBatch
from pipeline.queries import imports, organisation, policies, seats
from pipeline.queries.imports import COUNTS, Existing
from pipeline.queries.organisation import Company
from pipeline.rules.importing import judging, suggesting
from pipeline.rules.importing.faults import REJECTED, RowFault
from pipeline.rules.importing.judging import Verdict
from pipeline.rules.importing.known import Agent, Known
from pipeline.rules.importing.reading import MOST_ROWS
from pipeline.rules.importing.suggesting import Suggestions
from pipeline.rules.policy import Policy

BATCH = 250
FAULTS_KEPT = 1000  # in the row of the import; the CSV has them all
_LOCK = 6_077_010  # imports of the same ledger wait for each other


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file. `counts` is a partition: read = accepted + unverified + rejected + unchanged."""

    id: int
    dry_run: bool
    counts: Mapping[str, int]
    faults: Sequence[RowFault]
    suggestions: Suggestions = field(default_factory=dict)


def import_deals(
    files: Files, *, by: Actor, dry_run: bool = False, door: str = "shell", most_rows: int = MOST_ROWS
) -> Report:
    """Imports the deals of a file and what comes with it; returns counts and every fault.

    Won and lost rows become deals in `history`, unverified; open rows start in the first stage of the policy in
    force. Raises Problem "unreadable-file" when a file cannot be read as a whole, 403 when the person may not
    import; nothing is written then.
    """
    contents = read(files, most_rows=most_rows)
    report = _run(files, contents, by=by, dry_run=dry_run, door=door)
    if not dry_run:
        return report
    # What was tried is remembered; what it would have written is not there.
    batch = _received(files, by, dry_run=True)
    _finish(batch, report)
    return replace(report, id=batch.pk)


@command
def _run(files: Files, contents: Contents, *, by: Actor, dry_run: bool, door: str) -> Report:
    with transaction.atomic():
        report = _Run(files, contents, by, door).report(dry_run)
        if dry_run:
            transaction.set_rollback(True)
    return report


class _Run:
    """One pass over the rows, inside one transaction."""

    def __init__(self, files: Files, contents: Contents, by: Actor, door: str) -> None:
        self.files, self.contents, self.by, self.door = files, contents, by, door
        self.counts: Counter[str] = Counter()
        self.faults: list[RowFault] = []

    def report(self, dry_run: bool) -> Report:
        units, may_staff = _scope(self.by)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        policy, company = policies.in_force(), organisation.company()
        batch = _received(self.files, self.by, dry_run=dry_run)
        again = imports.was_received(batch.sha256)
        directory = self._directory(company, may_staff=may_staff)
        known = self._known(directory, company, units)
        self._rows(batch.pk, known, policy, company, again=again)
        counts = {name: self.counts[name] for name in COUNTS}
        report = Report(batch.pk, dry_run, counts, self.faults, suggesting.suggestions(self.faults))
        if counts["unchanged"] < counts["read"] or directory.opened:
            self._write(batch, counts, directory.opened)
        _finish(batch, report)
        return report

    def _directory(self, company: Company, *, may_staff: bool) -> Directory:
        directory = Directory(self.contents.map, company, by=self.by)
        tables = self.contents.tables
        if "products" in tables:
            directory.products(tables["products"])
        if "accounts" in tables:
            directory.accounts(tables["accounts"])
        if "teams" in tables:
            directory.teams(tables["teams"], may_staff=may_staff)
        for table in tables.values():
            self.faults += table.columns.faults
        self.faults += directory.faults
        return directory

    def _known(self, directory: Directory, company: Company, units: frozenset[str] | None) -> Known:
        agents: dict[str, tuple[Agent, ...]] = {}
        for seat in imports.sales_seats():
            agents[seat.name] = (*agents.get(seat.name, ()), Agent(seat.id, seat.person, seat.unit))
        return Known(
            agents=agents | directory.agents,
            products=imports.products(company.currency),
            accounts=imports.accounts(),
            currency=company.currency,
            today=company.day_of(seats.now()),
            units=units,
            map=self.contents.map,
        )

    def _rows(self, batch: int, known: Known, policy: Policy, company: Company, *, again: bool) -> None:
        table, source = self.contents.tables["deals"], self.contents.map.source
        verdicts = list(_verdicts(table, known))
        existing = imports.deals_of(source, [verdict.ref for verdict in verdicts if verdict.ref])
        fresh: list[Verdict] = []
        bare: list[tuple[int, Verdict]] = []
        for verdict in verdicts:
            old = existing.get(verdict.ref) if verdict.ref else None
            became: str = verdict.outcome
            if old is not None and old.hash != verdict.hash:
                became = "rejected"
                verdict = _changed(verdict, old, table.sheet.file)
            elif old is not None and became != "rejected":
                became = "unchanged"
                if old.bare and verdict.stated and becoming.lines(verdict.stated):
                    became = "unverified"
                    bare.append((old.deal, verdict))
            elif became != "rejected":
                fresh.append(verdict)
            elif again:
                became = "unchanged"
            self.counts[became] += 1
            self.counts["read"] += 1
            self.faults += verdict.faults
        openings = (
            [becoming.opening(one, source, batch, policy, company) for one in fresh[at : at + BATCH]]
            for at in range(0, len(fresh), BATCH)
        )
        opening.open_in_turn(openings, policy, company, by=self.by)
        for at in range(0, len(bare), BATCH):
            becoming.complete(bare[at : at + BATCH], batch, by=self.by)

    def _write(self, batch: ImportBatch, counts: Mapping[str, int], opened: int) -> None:
        body: dict[str, Any] = {
            "file": batch.file_name,
            "sha256": batch.sha256,
            "source": self.contents.map.source,
            "map": self.contents.map.sha256 or None,
            "with": {
                name: upload.sha256
                for name in ("accounts", "products", "teams")
                if (upload := getattr(self.files, name)) is not None
            },
            "door": self.door,
            "counts": dict(counts),
            "faults": len(self.faults),
            "references_opened": opened,
        }
        append(lock(f"import/{batch.pk}"), Draft("import.received", body), by=self.by)


def _verdicts(table: Table, known: Known) -> Iterator[Verdict]:
    columns, rows = table.columns, table.sheet.rows
    place = columns.places["opportunity_id"]
    often = Counter(row[place] for _, row in rows if len(row) == columns.wide)
    repeated = judging.repeats(
        (line, columns.cells(row)) for line, row in rows if len(row) == columns.wide and often[row[place]] > 1
    )
    for line, row in rows:
        yield judging.judge(line, row, columns, known, repeated)


def _changed(verdict: Verdict, old: Existing, file: str) -> Verdict:
    fault = RowFault(
        verdict.line, "opportunity_id", verdict.ref, "IMPORT-CHANGED-1",
        f"The row was imported before, as deal {old.deal}, and has changed since.",
        "Amend the deal in the product. If it is another deal, give it its own id, or name its source in the map.",
        file=file,
    )  # fmt: skip
    others = tuple(replace(other, outcome=REJECTED) for other in verdict.faults)
    return replace(verdict, outcome="rejected", faults=(fault, *others), stated=None)


def _scope(by: Actor) -> tuple[frozenset[str] | None, bool]:
    """The units that a person may import deals of (None: all), and whether a file may open seats for them."""
    if by.person == SYSTEM_PERSON:
        return None, True
    held = seats.of_person(by.person)
    permissions.check_can_import(held)
    if any(seat.role in ("executive", "steward") for seat in held):
        return None, True
    return frozenset(key for key, _ in imports.units() if permissions.manages(held, key)), False


def _received(files: Files, by: Actor, *, dry_run: bool) -> ImportBatch:
    return ImportBatch.objects.create(
        file_name=files.deals.name[-255:],
        sha256=files.deals.sha256,
        dry_run=dry_run,
        by_id=by.person if by.person != SYSTEM_PERSON else None,
    )


def _finish(batch: ImportBatch, report: Report) -> None:
    batch.counts = {**report.counts, "faults_total": len(report.faults), "suggested_map": report.suggestions}
    batch.faults = [fault.as_dict() for fault in report.faults[:FAULTS_KEPT]]
    batch.finished_at = timezone.now()
    batch.save()
