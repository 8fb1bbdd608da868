"""Runs the three verdicts over one snapshot of the database."""

from __future__ import annotations

import time

from crm_ledger.verify import reading, state, tables
from crm_ledger.verify.fold import Judge
from crm_ledger.verify.reading import Reader
from crm_ledger.verify.report import Report
from crm_ledger.verify.streams import Pass
from crm_ledger.verify.tree import TreePass
from ledger import checks
from pipeline.queries import organisation
from pipeline.rules.replay import Organisation


def verify(using: str = "default") -> Report:
    """Checks the whole record; takes no lock and writes nothing. Time grows with the record, memory does not."""
    started = time.monotonic()
    report = Report()
    for message in checks.guards_are_in_place(databases=["default"]):
        report.at("integrity", "guard", "in place", message.msg, "the database's own guards")
    with reading.snapshot(using) as reader:
        TreePass(reader, report).run()
        said = Organisation()
        walk = Pass(reader, report, Judge(said, organisation.company()))
        walk.walk(reading.OTHERS)
        walk.walk(reading.DEALS)
        _tables(reader, report, said, walk)
    report.seconds = time.monotonic() - started
    return report


def _tables(reader: Reader, report: Report, said: Organisation, walk: Pass) -> None:
    """What belongs to no single stream, and rows that no entry accounts for."""
    for found in tables.of_record(reader, said):
        report.differs(found, f"{found.table.name} {' '.join(map(str, found.key))}")
    for found in tables.orphans(reader):
        report.differs(found, f"{found.table.name} {' '.join(map(str, found.key))}")
    for table in state.BY_ENTRY:
        rows = tables.count(reader, table)
        if rows != walk.written[table.name]:
            report.broken("completeness", table.name, f"{walk.written[table.name]} rows", f"{rows} rows", table.name)
    for found_milestone in tables.milestones(reader):
        place = f"governance_milestone {found_milestone}"
        report.broken("completeness", "governance_milestone", "a row that an entry wrote", found_milestone, place)
    report["completeness"].checked += len(said.seats) + len(said.rates) + len(said.policies) + len(state.TABLES)
