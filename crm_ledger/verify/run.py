"""Runs the three verdicts over one snapshot of the database, or goes on with a run that was cut off."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from crm_ledger.verify import erasures, locks, pools, reading, scores, state, tables, totals
from crm_ledger.verify.fold import Judge
from crm_ledger.verify.progress import Paused, Progress, Rest
from crm_ledger.verify.reading import Reader
from crm_ledger.verify.report import Report
from crm_ledger.verify.said import Said
from crm_ledger.verify.streams import SENSELESS, Pass
from crm_ledger.verify.tree import TreePass
from ledger import checks
from pipeline.queries import organisation
from pipeline.rules import move_replay, rate_replay

Keep = Callable[[Progress], bool]


def verify(using: str = "default", *, progress: Progress | None = None, keep: Keep = lambda _: True) -> Report:
    """Checks the whole record; takes no lock and writes nothing. Time grows with the record, memory does not.

    `keep` is told again and again how far it has come; when it answers False the run stops there with `Paused`.
    Called again with that progress, it goes on. Each stream, and each leaf, is then held against the database as it
    was when it was read; what was added behind that place meanwhile is left to the next run.
    """
    progress = progress or Progress()
    report, started, before = progress.report, time.monotonic(), progress.report.seconds

    def rest() -> None:
        report.seconds = before + time.monotonic() - started
        if not keep(progress):
            raise Paused

    with reading.snapshot(using) as reader:
        if progress.phase == "tree":
            if not progress.edge.size:
                _guards(report)
            TreePass(reader, progress, rest).run()
            progress.move_on()
        said = _organisation(reader, progress)
        judge = Judge(said, organisation.company())
        erased = erasures.read(reader, report if progress.phase == "others" and not progress.after else Report())
        for phase, which in (("others", reading.OTHERS), ("deals", reading.DEALS)):
            if progress.phase == phase:
                Pass(reader, progress, judge, rest, erased).walk(which)
                progress.move_on()
        if progress.phase == "tables":
            _orphans(reader, progress, rest)
            _tables(reader, report, said)
            progress.move_on()
        totals.check(reader, progress, rest)
    report.seconds = before + time.monotonic() - started
    return report


def _guards(report: Report) -> None:
    for message in checks.guards_are_in_place(databases=["default"]):
        report.at("integrity", "guard", "in place", message.msg, "the database's own guards")


def _organisation(reader: Reader, progress: Progress) -> Said:
    """What the walk over the other streams had learned before it was cut off."""
    said = Said()
    if progress.is_before("deals") and not progress.after:
        return said
    for chunk, _ in reader.entries(reading.COMPANY):
        for entry in chunk:
            if not progress.is_before("deals") or entry.stream <= progress.after:
                with suppress(*SENSELESS):  # named when it was first read
                    said.take(entry)
    return said


def _orphans(reader: Reader, progress: Progress, rest: Rest) -> None:
    """Rows that no entry accounts for."""
    table, _, key = progress.after.partition(" ")
    for part, place in tables.orphans(reader, (table, key) if table else None):
        for found in part:
            progress.report.differs(found, f"{found.table.name} {' '.join(map(str, found.key))}")
        progress.after = " ".join(place)
        rest()


def _tables(reader: Reader, report: Report, said: Said) -> None:
    """What belongs to no single stream: small, and compared whole."""
    pools.lawful(report, said)
    report["lawfulness"].checked += len(said.periods.acts)
    for entry, deviation in said.periods.finish(said):
        report.broken("lawfulness", *deviation, entry)
    report["lawfulness"].checked += len(said.moves.acts)
    for entry, deviation in move_replay.finish(said):
        report.broken("lawfulness", *deviation, entry)
    report["lawfulness"].checked += len(said.published)
    for entry, deviation in rate_replay.finish(said):
        report.broken("lawfulness", *deviation, entry)
    locks.check(reader, report)
    scores.check(reader, report)
    for found in tables.of_record(reader, said):
        report.differs(found, f"{found.table.name} {' '.join(map(str, found.key))}")
    for found_milestone in tables.milestones(reader):
        place = f"governance_milestone {found_milestone}"
        report.broken("completeness", "governance_milestone", "a row that an entry wrote", found_milestone, place)
    report["completeness"].checked += len(said.seats) + len(said.rates) + len(said.policies) + len(state.TABLES)
