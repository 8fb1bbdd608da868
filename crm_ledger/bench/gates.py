"""V6 to V9: what the guards cost, that different deals never wait for each other, judging again, sealing under load."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections

from crm_ledger.bench import pgbench, recording, waiting
from crm_ledger.bench.firm import CLIENTS, Firm
from crm_ledger.bench.proving import Spent
from crm_ledger.bench.report import Line, Report
from crm_ledger.bench.script import Script
from crm_ledger.bench.stock import Supply
from crm_ledger.bench.workbench import DATABASE, PASSWORDS, Workbench
from crm_ledger.local import provision
from crm_ledger.sealing_loop import Loop
from crm_ledger.tamper.scratch import pointed
from crm_ledger.verify import reading
from crm_ledger.verify.fold import Judge, Stream
from crm_ledger.verify.said import Said
from crm_ledger.verify.streams import _MOVES
from ledger.queries import lag
from pipeline.queries import organisation

TWIN = "bench_twin"
# The floor of the gate and the separation of duties; the chain, the standings and the postings stay.
_GUARDS = ("entry_2_moves_its_deal", "entry_4_keeps_duties_apart")


class Gates:
    """Uses up ready deals of the stock, the same places on the twin."""

    def __init__(self, servers: Workbench, report: Report, firm: Firm, supply: Supply, only: set[str]) -> None:
        self.servers, self.report, self.firm, self.supply, self.only = servers, report, firm, supply, only
        self.admin = servers.superuser_url("postgres")
        self.each = max(1, supply.left // 14)

    def run(self) -> None:
        # Lawfulness first: pgbench repeats the hash of the facts of a recorded decision, which only V8 looks at.
        plays = {"V8": self._lawfulness, "V6": self._twin, "V7": self._scaling, "V9": self._age}
        for name, play in plays.items():
            if not self.only or name in self.only:
                play()

    def _say(
        self, name: str, value: float, unit: str, *, limit: float = 0, against: str = "", target: str = ""
    ) -> None:
        self.report.add(Line(name, value, unit, value / limit if limit else None, against, target))

    def _twin(self) -> None:
        connections.close_all()
        script = recording.advance(self.firm, self.supply)
        connections.close_all()
        provision.drop(self.admin, TWIN)
        provision.clone(self.admin, DATABASE, TWIN)
        self._sql(TWIN, *(f"ALTER TABLE ledger_entry DISABLE TRIGGER {name}" for name in _GUARDS))
        twin = provision.addresses(self.admin, TWIN, **PASSWORDS).app
        spent = {"": 0.0, twin: 0.0}
        for _ in range(2):
            places = self.supply.take(self.each)
            for url in spent:
                with Spent() as cpu:
                    self._advance(script, places, url=url)
                spent[url] += cpu.seconds
        provision.drop(self.admin, TWIN)
        count = 2 * self.each * CLIENTS
        self._say("V6 enforced advance", count / spent[""], "advances per CPU second", limit=count / spent[twin],
                  against="the same statements without the triggers of the gate", target="ratio ≥ 0.85")  # fmt: skip

    def _scaling(self) -> None:
        """How much more eight clients do than one, beside what they do of pgbench's own single-row update."""
        self._sql(DATABASE, "DROP TABLE IF EXISTS pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history")
        subprocess.run([str(self.servers.binary("pgbench")), "-i", "-q", "-s", "5", self.servers.superuser_url()],
                       check=True, capture_output=True)  # fmt: skip
        script = recording.advance(self.firm, self.supply)
        connections.close_all()
        waiting.measure(self.servers, self.report, self.firm, self.supply, self.each)
        # A delay that leaves the cores idle even with eight clients: then whoever waits, waits for another client.
        for name, words in (("", ()), (", commit delayed by 100 ms", ("commit_delay = 100000", "commit_siblings = 0"))):
            with self._set(words):
                ours = [self._advance(script, self.supply.take(self.each), clients=clients) for clients in (1, CLIENTS)]
                theirs = [
                    pgbench.play(self.servers, [], times=100, clients=clients, url=self.servers.superuser_url(),
                                 builtin="simple-update").rate for clients in (1, CLIENTS)
                ]  # fmt: skip
            self._say(f"V7 scaling of advances from 1 to {CLIENTS} clients{name}", ours[1] / ours[0], "times",
                      limit=theirs[1] / theirs[0], against="pgbench's simple update", target="ratio ≥ 0.9")  # fmt: skip
        self._sql(DATABASE, "DROP TABLE pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history")

    def _lawfulness(self) -> None:
        judged, judging, entries, read = 0, 0.0, 0, 0.0
        said = Said()
        with reading.snapshot() as reader:
            for chunk, _ in reader.entries(reading.COMPANY):
                for entry in chunk:
                    said.take(entry)
            judge, stream = Judge(said, organisation.company()), Stream("")
            started = time.process_time()
            for chunk, _ in reader.entries(reading.DEALS):
                read += time.process_time() - started
                entries += len(chunk)
                for entry in chunk:
                    stream = stream if stream.id == entry.stream else Stream(entry.stream)
                    if entry.after is not None or entry.kind in _MOVES:
                        before = time.process_time()
                        found = list(judge.lawful(stream, entry, {}))
                        judging += time.process_time() - before
                        judged += 1
                        if found:
                            raise RuntimeError(f"the bench did what is not lawful: entry {entry.id}: {found[0]}")
                    stream.take(entry)
                started = time.process_time()
        self._say("V8 lawfulness", judged / judging, "decisions per CPU second", limit=entries / read,
                  against="entries read and parsed", target="≥ 3,000/s")  # fmt: skip

    def _age(self) -> None:
        """The age of the oldest entry without a seal while eight clients advance deals."""
        script, ages, stop = recording.advance(self.firm, self.supply), [], threading.Event()
        places = self.supply.take(self.supply.left)
        with pointed(provision.addresses(self.admin, DATABASE, **PASSWORDS), self.servers.folder / "sealing"):
            settings.LEDGER_SIGNING_KEY_FILE = str(self.servers.folder / "signing_key")
            loop = Loop()
            loop.start()
            until = time.monotonic() + 120
            while lag.lag().unsealed and time.monotonic() < until:
                time.sleep(0.2)  # the stock itself is sealed first
            load = threading.Thread(target=self._load, args=(script, places, stop))
            load.start()
            while not stop.wait(0.1):
                unsealed = lag.lag().unsealed
                ages.append(unsealed.total_seconds() if unsealed else 0.0)
            load.join()
            loop.stop()
        self._say("V9 age of the oldest unsealed entry under load", max(ages, default=0), "s at most", limit=1,
                  against="the sealer's period", target="≤ 2 s")  # fmt: skip

    def _load(self, script: Script, places: Sequence[int], stop: threading.Event) -> None:
        try:
            self._advance(script, places)
        finally:
            stop.set()

    def _advance(self, script: Script, places: Sequence[int], *, url: str = "", clients: int = CLIENTS) -> float:
        variables = {"first": self.supply.first, "each": self.supply.each, "i": places[0] - 1}
        return pgbench.play(self.servers, [script], times=len(places), variables=variables, url=url,
                            clients=clients).rate  # fmt: skip

    @contextmanager
    def _set(self, words: Sequence[str]) -> Any:
        for word in words:
            self._sql("postgres", f"ALTER SYSTEM SET {word}", "SELECT pg_reload_conf()")
        try:
            yield
        finally:
            with suppress(psycopg2.Error):
                self._sql("postgres", "ALTER SYSTEM RESET commit_delay", "ALTER SYSTEM RESET commit_siblings",
                          "SELECT pg_reload_conf()")  # fmt: skip

    def _sql(self, database: str, *statements: str) -> None:
        with closing(psycopg2.connect(self.servers.superuser_url(database))) as connection:
            connection.autocommit = True
            for statement in statements:
                connection.cursor().execute(statement)
