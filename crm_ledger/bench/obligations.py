"""O1 to O3: a sweep of what was missed, a sweep with nothing due, and the variance of all that is booked, again.

On a copy of the stock's database, since what is planned for this follows from no policy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from statistics import median
from typing import Any

import psycopg2
from django.db import connections

from crm_ledger.bench import promised, recording
from crm_ledger.bench.clients import fork
from crm_ledger.bench.firm import Firm
from crm_ledger.bench.proving import Spent
from crm_ledger.bench.report import Line, Report
from crm_ledger.bench.workbench import DATABASE, PASSWORDS, Workbench, cpu_seconds
from crm_ledger.local import provision
from crm_ledger.local.paths import ROOT
from crm_ledger.tamper.scratch import pointed
from governance.commands import deadlines
from pipeline.queries import seats
from reporting.queries import recomputing

NAME, SPOILT, LIMIT = "bench_sweep", "bench_sweep_recorded", "bench_sweep_limit"
PROCESSES = 2
_SHARE = 100  # one of so many milestones is missed
_LEAST = 400  # misses, so that what a process does once hardly counts
_IDLE = "O2 sweep with nothing due"
_RECORDED = 200  # misses whose statements are repeated without Python
_TIMES = 200
_WRITTEN = """
SELECT count(*) FILTER (WHERE kind = 'milestone.missed'), count(*) FILTER (WHERE kind = 'alert.opened'),
    count(*) FILTER (WHERE kind = 'variance.recorded') FROM ledger_entry
"""
_HEADS = "SELECT given.stream, held.version"  # by which a chunk's transaction begins


class Obligations:
    """A hundredth of the milestones that wait is missed."""

    waiting = 0

    def __init__(self, servers: Workbench, report: Report, firm: Firm, only: set[str]) -> None:
        self.servers, self.report, self.firm, self.only = servers, report, firm, only
        self.admin = servers.superuser_url("postgres")

    def run(self) -> None:
        try:
            with self._copy(DATABASE, NAME):
                self.waiting = promised.waiting()
                self._on_the_copy()
                missed = self._make_due() if self._wanted("O1") else 0
            if missed:
                time.sleep(2)
                self._vacuum()
                self._sweep(missed)
        finally:
            for name in (LIMIT, SPOILT, NAME):
                provision.drop(self.admin, name)

    def _on_the_copy(self) -> None:
        promised.schedule(self.firm, from_today=True)
        self._vacuum()  # statistics of what was just written, whichever line comes first
        if self._wanted("O2"):
            self._nothing_due()
        if self._wanted("O3"):
            self._recompute()

    def _make_due(self) -> int:
        return promised.make_due(self.firm, max(_LEAST, self.waiting // _SHARE))

    def _wanted(self, line: str) -> bool:
        return not self.only or line in self.only

    def _say(
        self, name: str, value: float, unit: str, *, limit: float = 0, against: str = "", target: str = ""
    ) -> None:
        self.report.add(Line(name, value, unit, value / limit if limit else None, against, target))

    def _nothing_due(self) -> None:
        spent = []
        for _ in range(_TIMES):
            started = time.perf_counter()
            if deadlines.sweep():
                raise RuntimeError("something was due")
            spent.append((time.perf_counter() - started) * 1000)
        smaller = next((line for line in self.report.lines if line.name.startswith(_IDLE)), None)
        limit, against = (smaller.value, f"the smaller stock: {smaller.name}") if smaller else (0, "")
        self._say(f"{_IDLE}, {self.waiting} milestones", median(spent), "ms", limit=limit, against=against,
                  target="independent of the number")  # fmt: skip

    def _recompute(self) -> None:
        with Spent() as spent:
            started = time.perf_counter()
            answers = fork(lambda part: recomputing.recompute(part, PROCESSES), PROCESSES)
            taken = time.perf_counter() - started
        deals = sum(one.deals for one in answers)
        self._say(f"O3 variance again, {deals} booked deals", deals / taken, "deals/s", target="≥ 5,000/s")
        self._say("O3 variance again", deals / spent.seconds, "deals per CPU second")

    def _sweep(self, missed: int) -> None:
        limit = self._limit()
        before = self._postgres()
        with self._counting(NAME) as written:
            told = self._sweepers()
        server = self._postgres() - before
        if written[0] != missed:
            raise RuntimeError(f"{missed} milestones were due and {written[0]} were missed")
        taken = max(one["ended"] for one in told) - min(one["began"] for one in told)
        python = sum(one["cpu"] for one in told)
        found = f"O1 sweep, {missed} missed of {self.waiting}"
        self._say(f"{found}, by the clock", missed / taken, "misses/s", target="≥ 300/s on two cores")
        self._say(found, missed / (python + server), "misses per CPU second", limit=limit,
                  against="the same statements, PostgreSQL alone")  # fmt: skip
        self._say(f"{found}, alerts", written[1], "opened")
        self._say(f"{found}, revenue", written[2], "entries that moved it")
        self._say(f"{found}, Python", python / missed * 1000, "ms of CPU a miss")
        self._say(f"{found}, PostgreSQL", server / missed * 1000, "ms of CPU a miss")
        self._say(f"{found}, memory of a worker's process", max(one["memory"] for one in told), "MiB at most",
                  target="< 200 MB")  # fmt: skip

    def _sweepers(self) -> list[dict[str, Any]]:
        """Two at once, as two processes of a worker would; the time of their start does not count."""
        where = provision.addresses(self.admin, NAME, **PASSWORDS)
        running = [
            subprocess.Popen([sys.executable, "-m", "crm_ledger.bench.sweeper", str(part), str(PROCESSES)], cwd=ROOT,
                             env=os.environ | {"DATABASE_URL": where.app}, text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for part in range(PROCESSES)
        ]  # fmt: skip
        for one in running:
            assert one.stdout is not None
            if one.stdout.readline() != "ready\n":
                raise RuntimeError("a process that sweeps did not start")
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        return [json.loads(one.communicate()[0]) for one in running]

    def _limit(self) -> float:
        """Misses per CPU second of PostgreSQL: what one process sent on a copy, sent again on another one."""
        with self._copy(NAME, SPOILT):
            began = seats.now()
            with self._counting(SPOILT) as misses:
                sent = recording.statements(lambda: deadlines.sweep(_RECORDED))
        provision.drop(self.admin, SPOILT)
        with self._copy(NAME, LIMIT), closing(psycopg2.connect(self.servers.superuser_url(LIMIT))) as superuser:
            with superuser, superuser.cursor() as cursor:
                # The moments in the recorded envelopes are those of the copy's clock.
                cursor.execute("UPDATE ledger_clock SET ahead = %s - clock_timestamp()", [began])
            with self._counting(LIMIT) as again:
                spent = self._repeat(sent)
        provision.drop(self.admin, LIMIT)
        if again != misses:
            raise RuntimeError(f"the statements of {misses} misses wrote {again}")
        return misses[0] / spent

    def _repeat(self, sent: list[str]) -> float:
        where = provision.addresses(self.admin, LIMIT, **PASSWORDS)
        with closing(psycopg2.connect(where.app)) as connection, connection.cursor() as cursor:
            before = self._postgres()
            for sql in sent:
                if sql.startswith(_HEADS):
                    connection.commit()
                cursor.execute(sql)
            connection.commit()
            return self._postgres() - before

    @contextmanager
    def _counting(self, database: str) -> Iterator[list[int]]:
        """Fills in, at the end, how many misses, alerts and entries of variance were written meanwhile."""
        found: list[int] = []
        before = self._written(database)
        yield found
        found += [after - was for after, was in zip(self._written(database), before, strict=True)]

    def _written(self, database: str) -> list[int]:
        url = self.servers.superuser_url(database)
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(_WRITTEN)
            return list(cursor.fetchone())

    @contextmanager
    def _copy(self, of: str, name: str) -> Iterator[None]:
        connections.close_all()
        provision.drop(self.admin, name)
        provision.clone(self.admin, of, name)
        with pointed(provision.addresses(self.admin, name, **PASSWORDS), self.servers.folder / "sweeping"):
            yield
        connections.close_all()

    def _postgres(self) -> float:
        assert self.servers.postgres.process is not None
        return cpu_seconds(self.servers.postgres.process.pid)

    def _vacuum(self) -> None:
        with closing(psycopg2.connect(self.servers.superuser_url(NAME))) as connection:
            connection.autocommit = True
            connection.cursor().execute("VACUUM ANALYZE")
