"""Runs the three verdicts over one snapshot of the database."""

from __future__ import annotations

import time

from crm_ledger.verify import reading, tables
from crm_ledger.verify.fold import Judge
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
        tables.organisation(reader, report, said)
        tables.orphans(reader, report, walk.posted)
    report.seconds = time.monotonic() - started
    return report
