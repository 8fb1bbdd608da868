"""V6 to V9: what the guards cost, that different deals never wait for each other, judging again, sealing under load."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import closing, contextmanager, suppress
from statistics import median
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections

from crm_ledger.bench import pgbench, recording, stock, waiting
from crm_ledger.bench.clients import WARM
from crm_ledger.bench.firm import CLIENTS, Firm
from crm_ledger.bench.proving import Spent
from crm_ledger.bench.report import Line, Report
from crm_ledger.bench.script import Script, Step, transaction
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

# Twins write with the same statements. One writes everything and checks nothing of gate, deal, duties and holds; the
# other one keeps no table of deals either, with its passages and pushes. Chain, standings and postings stay in both.
_CHECKS = ("pipeline_check_gate", "pipeline_check_deal", "governance_check_duties", "governance_stop_at_holds")
_UNENFORCED = (
    "SET allow_system_table_mods = on",
    "UPDATE pg_proc SET prosrc = CASE WHEN prorettype = 'trigger'::regtype THEN 'BEGIN RETURN NEW; END'"
    f" ELSE 'BEGIN END' END WHERE proname IN {_CHECKS}",
)
_GUARDS = ("entry_2_moves_its_deal", "entry_4_keeps_duties_apart")
_WITHOUT_DEALS = tuple(f"ALTER TABLE ledger_entry DISABLE TRIGGER {name}" for name in _GUARDS)
_TWINS = {"bench_twin": _UNENFORCED, "bench_bare_twin": _WITHOUT_DEALS}
_ROUNDS = 3
_SCALE = 16  # of pgbench's tables: sixteen branches, so that eight clients seldom meet at one
# Transactions of pgbench by each client: enough for seconds of work, and fewer where each waits 100 ms for its commit.
_QUICK, _SLOW = 2000, 100
_PLAYS = 26  # of ready deals, of all that is measured here
_LEAST = 40  # advances of a client in each of them that count, so that what is planned once is not most of it
_LOOPS = 50_000


class Gates:
    """Uses up ready deals of the stock, the same places on the twin."""

    def __init__(self, servers: Workbench, report: Report, firm: Firm, supply: Supply, only: set[str]) -> None:
        self.servers, self.report, self.firm, self.supply, self.only = servers, report, firm, supply, only
        self.admin = servers.superuser_url("postgres")
        if supply.left < _PLAYS * (WARM + _LEAST):
            self.supply = stock.ready(firm, _PLAYS * (WARM + _LEAST))
        self.each = self.supply.left // _PLAYS

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
        twins = {}
        for name, statements in _TWINS.items():
            provision.drop(self.admin, name)
            provision.clone(self.admin, DATABASE, name)
            self._sql(name, *statements)
            twins[name] = provision.addresses(self.admin, name, **PASSWORDS).app
        spent = dict.fromkeys(("", *twins.values()), 0.0)
        for _ in range(_ROUNDS):
            places = self.supply.take(self.each)
            for url in spent:
                with Spent() as cpu:
                    self._advance(script, places, url=url)
                spent[url] += cpu.seconds
        for name in twins:
            provision.drop(self.admin, name)
        rates = {url: _ROUNDS * self.each * CLIENTS / seconds for url, seconds in spent.items()}
        unenforced, bare = (rates[url] for url in twins.values())
        self._say("V6 enforced advance", rates[""], "advances per CPU second", limit=unenforced,
                  against="the same written without checks", target="ratio ≥ 0.85")  # fmt: skip
        self._say("V6 enforced advance, beside no table of deals", rates[""], "advances per CPU second", limit=bare,
                  against="the same without checks and without the table of deals")  # fmt: skip

    def _scaling(self) -> None:
        """How much more eight clients do than one, beside what they do of transactions of pgbench itself."""
        self._sql(DATABASE, "DROP TABLE IF EXISTS pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history")
        subprocess.run([str(self.servers.binary("pgbench")), "-i", "-q", "-s", str(_SCALE),
                        self.servers.superuser_url()], check=True, capture_output=True)  # fmt: skip
        script = recording.advance(self.firm, self.supply)
        connections.close_all()
        # A delay that leaves the cores idle even with eight clients: then whoever waits, waits for another client.
        for name, words, times in (
            ("", (), _QUICK),
            (", commit delayed by 100 ms", ("commit_delay = 100000", "commit_siblings = 0"), _SLOW),
        ):
            with self._set(words):
                waiting.measure(self.servers, self.report, self.firm, self.supply, self.each, name)
                rounds = [self._scaled(script, times) for _ in range(_ROUNDS)]
            ours = median(one[0] for one in rounds)
            for at, against in enumerate(("pgbench's default transaction", "pgbench's simple update",
                                          "pgbench's update with the CPU of an advance"), 1):  # fmt: skip
                self._say(f"V7 scaling of advances from 1 to {CLIENTS} clients{name}, beside {against}", ours, "times",
                          limit=median(one[at] for one in rounds), against=against, target="ratio ≥ 0.9")  # fmt: skip
        self._sql(DATABASE, "DROP TABLE pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history")

    def _scaled(self, script: Script, times: int) -> tuple[float, float, float, float]:
        """How much more eight clients do than one: of advances, of pgbench's default transaction, of its simple
        update, and of an update that takes the CPU of an advance, since cores that are full are no waiting for each
        other."""
        with Spent() as advances:
            alone = self._advance(script, self.supply.take(self.each), clients=1)
        ours = self._advance(script, self.supply.take(self.each)) / alone
        default, update = (
            self._theirs(CLIENTS, times, builtin) / self._theirs(1, times, builtin)
            for builtin in ("tpcb-like", "simple-update")
        )
        with Spent() as loops:
            self._computing(1, _LOOPS)
        wanted = round(_LOOPS * (advances.seconds / self.each) / (loops.seconds / _SLOW))
        return ours, default, update, self._computing(CLIENTS, wanted) / self._computing(1, wanted)

    def _theirs(self, clients: int, times: int, builtin: str) -> float:
        """Transactions a second of one of pgbench's own scripts."""
        url = self.servers.superuser_url()
        return pgbench.play(self.servers, [], times=times, clients=clients, url=url, warm=WARM, builtin=builtin).rate

    def _computing(self, clients: int, loops: int) -> float:
        """Updates a second of one row by chance, each of which also computes."""
        update = Step("UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid")
        compute = Step(f"SELECT sum(sqrt(i)) FROM generate_series(1, {loops}) AS i")
        script = Script(transaction((update, compute)), {"aid": f"random(1, {_SCALE * 100_000})"})
        url = self.servers.superuser_url()
        return pgbench.play(self.servers, [script], times=_SLOW, clients=clients, url=url, warm=WARM).rate

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
                            clients=clients, warm=WARM).rate  # fmt: skip

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
