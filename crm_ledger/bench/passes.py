"""R1 to R4: what goes through many deals at once: the reconciliation, a move to a newer policy, integrity.

On a copy of the stock's database, since each of them writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from statistics import median

import psutil
import psycopg2
from django.db import connections

from crm_ledger.bench import firm as firms
from crm_ledger.bench.firm import Firm
from crm_ledger.bench.proving import Spent
from crm_ledger.bench.report import Line, Report
from crm_ledger.bench.workbench import DATABASE, PASSWORDS, Workbench
from crm_ledger.local import provision
from crm_ledger.tamper.scratch import pointed
from ledger.rules.actor import SYSTEM
from pipeline.commands import policies, policy_moves
from pipeline.queries import policy_moves as moves
from pipeline.queries import seats
from reporting.commands import reconciling
from reporting.commands.integrity import measuring
from reporting.queries import integrity_answer

NAME = "bench_passes"
_MOVED = 2_000  # deals of a move
_TIMES = 20
_SIGNED = (("cro", "sales"), ("coo", "operations"), ("cfo", "finance"))
# The newer version holds credit more tightly, so that some verifications end with the move.
_WAS, _IS = "share: 0.05", "share: 0.02"


def run(servers: Workbench, report: Report, firm: Firm, only: set[str]) -> None:
    admin = servers.superuser_url("postgres")
    connections.close_all()
    provision.drop(admin, NAME)
    provision.clone(admin, DATABASE, NAME)
    try:
        with closing(psycopg2.connect(servers.superuser_url(NAME))) as connection:
            connection.autocommit = True
            connection.cursor().execute("VACUUM ANALYZE")
        with pointed(provision.addresses(admin, NAME, **PASSWORDS), servers.folder / "passes"):
            for line, play in (("R1", _reconcile), ("R2", _move), ("R4", _integrity)):
                if not only or line in only or (line == "R2" and "R3" in only):
                    play(report, firm)
        connections.close_all()
    finally:
        provision.drop(admin, NAME)


def _reconcile(report: Report, firm: Firm) -> None:
    day = firm.company.day_of(seats.now())
    for said in ("first pass", "a pass that finds the same"):
        reconciling.begin_again(day)
        started = time.perf_counter()
        with Spent() as spent:
            deals = 0
            while done := reconciling.sweep():
                deals += done
        run = reconciling.of_day(day)
        assert run is not None
        taken = time.perf_counter() - started
        what = f"R1 reconciliation, {said}, {deals} deals"
        report.add(Line(f"{what}, {run.found} breaks found", deals / taken, "deals/s"))
        report.add(Line(what, deals / spent.seconds, "deals per CPU second"))
    report.add(Line("R1 memory of the process", psutil.Process().memory_info().rss / 2**20, "MiB"))


def _move(report: Report, firm: Firm) -> None:
    steward = firm.by("steward")
    draft = policies.draft(firms.POLICY.read_text(encoding="utf-8").replace(_WAS, _IS), by=steward)
    for name, function in _SIGNED:
        policies.sign(draft.version, function, by=firm.by(name))
    move = moves.asked(firm.policy.version, draft.version, None, {})
    judged = len(moves.preview(move).rows)
    taken = _milliseconds(lambda: moves.preview(move), 3)
    report.add(Line(f"R2 preview of a policy move, {judged} deals judged", taken, "ms"))
    number = policy_moves.draft(firm.policy.version, draft.version, by=steward)
    for name, function in _SIGNED:
        policy_moves.sign(number, function, by=firm.by(name))
    started, moved, after = time.perf_counter(), 0, 0
    with Spent() as spent:
        while moved < _MOVED:
            found = policy_moves.run(number, by=SYSTEM, after=after)
            moved += found.moved
            if found.after is None:
                break
            after = found.after
    what = f"R3 run of a policy move, {moved} deals"
    report.add(Line(what, moved / (time.perf_counter() - started), "deals/s"))
    report.add(Line(what, moved / spent.seconds, "deals per CPU second"))


def _integrity(report: Report, firm: Firm) -> None:
    started = time.perf_counter()
    with Spent() as spent:
        deals = measuring.catch_up()
    report.add(Line(f"R4 integrity, {deals} deals measured", deals / (time.perf_counter() - started), "deals/s"))
    report.add(Line(f"R4 integrity, {deals} deals measured", deals / spent.seconds, "deals per CPU second"))
    held, unit = seats.of_person(firm.people["cfo"]), firm.reps[0].unit
    score = _milliseconds(lambda: integrity_answer.answer(held, unit=unit), _TIMES)
    lowest = _milliseconds(lambda: integrity_answer.lowest(held, unit=unit), _TIMES)
    report.add(Line("R4 integrity of a unit", score, "ms"))
    report.add(Line("R4 deals that take most from a unit", lowest, "ms"))


def _milliseconds(ask: Callable[[], object], times: int) -> float:
    """The median."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - started) * 1000)
    return median(spent)
