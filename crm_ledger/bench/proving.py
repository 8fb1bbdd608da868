"""V1 to V6: a long record is sealed, scrubbed, exported and proven, on a copy of the stock's database."""

from __future__ import annotations

import gc
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from crm_ledger.bench import record
from crm_ledger.bench.report import Line, Report, percentile, say
from crm_ledger.bench.workbench import DATABASE, PASSWORDS, Workbench, cpu_seconds
from crm_ledger.local import provision
from crm_ledger.local.paths import ROOT
from crm_ledger.tamper.scratch import pointed
from crm_ledger.verify.scrub import scrub
from ledger.commands import keys, seal, sealing
from ledger.notify import checkpoints
from ledger.queries import tree
from ledger.rules.actor import SYSTEM
from ledger.rules.checkpoint import Signer

NAME = "bench_proof"
ROUNDS = 3
_RAW_SQL = "SELECT count(*) FROM ledger_entry WHERE sha256('\\x00'::bytea || envelope) IS NULL"


class Spent:
    """CPU seconds of this process, of PostgreSQL and of all else below it: what another load of the machine leaves."""

    seconds = 0.0

    def __enter__(self) -> Spent:
        self._before = cpu_seconds(os.getpid())
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = cpu_seconds(os.getpid()) - self._before


class Proving:
    """One copy for all plays; each adds its lines."""

    def __init__(self, servers: Workbench, report: Report, entries: int, leaves: int, only: set[str]) -> None:
        self.servers, self.report, self.entries, self.leaves, self.only = servers, report, entries, leaves, only
        self.folder = servers.folder / "proof"
        self.superuser_url = servers.superuser_url(NAME)

    def run(self) -> None:
        connections.close_all()
        admin = self.servers.superuser_url("postgres")
        shutil.rmtree(self.folder, ignore_errors=True)
        provision.drop(admin, NAME)
        provision.clone(admin, DATABASE, NAME)
        try:
            with pointed(provision.addresses(admin, NAME, **PASSWORDS), self.folder):
                self._measure()
        finally:
            provision.drop(admin, NAME)

    def _measure(self) -> None:
        say(f"a record of about {self.entries:,} entries …")
        record.fill(self.superuser_url, self.entries)
        # The key that has sealed the stock: one key under every head.
        settings.LEDGER_SIGNING_KEY_FILE = str(self.servers.folder / "signing_key")
        (self.signer,) = sealing.signers()
        checkpoints.remember_key(self.signer.key.text())
        keys.announce([self.signer], by=SYSTEM)
        sealed = self._seal()
        plays: dict[str, Callable[[int], None]] = {
            "V2": self._scrub, "V3": self._stranger, "V4": self._memory, "V5": self._proofs
        }  # fmt: skip
        for name, play in plays.items():
            if not self.only or name in self.only:
                play(sealed)

    def _say(
        self, name: str, value: float, unit: str, *, limit: float = 0, against: str = "", target: str = ""
    ) -> None:
        self.report.add(Line(name, value, unit, value / limit if limit else None, against, target))

    def _sql(self, statement: str) -> float:
        """CPU seconds of a statement, the least of some."""
        with closing(psycopg2.connect(self.superuser_url)) as connection, connection.cursor() as cursor:
            taken = []
            for _ in range(ROUNDS):
                with Spent() as spent:
                    cursor.execute(statement)
                taken.append(spent.seconds)
                connection.rollback()
        return min(taken)

    def _seal(self) -> int:
        done = []
        with Spent() as spent:
            while found := seal.seal(settings.LEDGER_ORIGIN, [self.signer]):
                done.append(found)
        took, count = spent.seconds, sum(found.leaves for found in done)
        if not self.only or "V1" in self.only:
            plain = self._sql("CREATE TEMP TABLE plain (LIKE ledger_leaf INCLUDING ALL);"
                              " INSERT INTO plain SELECT * FROM ledger_leaf")  # fmt: skip
            self._say("V1 sealing", count / took, "entries per CPU second", limit=count / plain,
                      against="INSERT of the same leaves from SQL alone", target="≥ 100,000/s")  # fmt: skip
        return count

    def _scrub(self, entries: int) -> None:
        taken = []
        raw = self._sql(_RAW_SQL)
        for _ in range(ROUNDS):
            with Spent() as spent:
                found = scrub()
            if found:
                raise RuntimeError(f"the bench made a record that does not hold: {found[0]}")
            taken.append(spent.seconds)
        self._say(
            f"V2 integrity in SQL, {entries} entries", entries / min(taken), "entries per CPU second",
            limit=entries / raw, against="SHA-256 of every envelope in SQL", target="ratio ≥ 0.7",
        )  # fmt: skip

    def _stranger(self, entries: int) -> None:
        bundle, verifier = self.folder / "bundle", _verifier()
        call_command("export_bundle", bundle, stdout=open("/dev/null", "w"))
        trusted = [verifier.key_of(self.signer.key.text())]
        raw, whole = [], []
        gc.collect()
        gc.disable()
        for _ in range(ROUNDS):
            started = time.process_time()
            for data in _envelopes(bundle):
                verifier.sha256(b"\x00" + data).digest()
            raw.append(time.process_time() - started)
            started = time.process_time()
            verifier.verify(bundle, trusted, [])
            whole.append(time.process_time() - started)
        gc.enable()
        self._say(f"V3 stranger's verifier, {entries} entries", entries / min(whole), "entries per CPU second",
                  limit=entries / min(raw), against="SHA-256 of every envelope of the bundle, in Python",
                  target="ratio ≥ 0.25")  # fmt: skip

    def _memory(self, entries: int) -> None:
        """The whole `verify_ledger` in a process of its own."""
        with Spent() as spent:
            done = subprocess.run([sys.executable, "manage.py", "verify_ledger"], cwd=ROOT, env=self._environment(),
                                  capture_output=True, text=True)  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"the bench made a record that does not hold:\n{done.stdout}{done.stderr}")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        self._say(f"V4 verify_ledger, {entries} entries", entries / spent.seconds, "entries per CPU second")
        self._say(f"V4 verify_ledger memory, {entries} entries", peak, "MiB at most", target="< 300 MB")

    def _environment(self) -> dict[str, str]:
        where = provision.addresses(self.servers.superuser_url("postgres"), NAME, **PASSWORDS)
        return os.environ | {"DATABASE_URL": where.app, "CHECKPOINT_DIR": str(self.folder / "checkpoints")}

    def _proofs(self, entries: int) -> None:
        head = tree.head()
        assert head is not None
        grown = grow(head.size, self.leaves, self.signer)
        samples = []
        with Spent() as spent:
            for at in range(2_000):
                index = at * 7919 * 131 % grown
                started = time.perf_counter()
                tree.inclusion(index, grown)
                samples.append(time.perf_counter() - started)
        self._say(
            f"V5 inclusion proof, {grown} leaves, CPU", spent.seconds / len(samples) * 1000, "ms", target="< 5 ms"
        )
        bare = self._sql("SELECT hashes FROM ledger_tile WHERE (level, idx) IN ((0, 1), (1, 1), (2, 0))") * 1000
        self._say(f"V5 inclusion proof, {grown} leaves, median", percentile(samples, 0.5) * 1000, "ms",
                  limit=bare, against="three tiles read by their key", target="< 5 ms")  # fmt: skip
        self._say(f"V5 inclusion proof, {grown} leaves, p99", percentile(samples, 0.99) * 1000, "ms", target="< 5 ms")


def grow(size: int, wanted: int, signer: Signer, portion: int = 65_536) -> int:
    """Leaves of nothing behind the true ones, with their tiles and one seal, as the sealer's own role."""
    edge = tree.edge(size, seal.SEALER)
    with connections[seal.SEALER].cursor() as cursor:
        while edge.size < wanted:
            last = min(edge.size + portion, wanted)
            cursor.execute(record.LEAVES, {"first": edge.size, "last": last})
            data = bytes(cursor.fetchone()[0])
            complete = edge.extend([data[at : at + 32] for at in range(0, len(data), 32)])
            columns = [list(column) for column in zip(*complete, strict=True)]
            cursor.execute(seal._TILES, columns)
        from ledger.rules import checkpoint

        head = tree.head(seal.SEALER)
        assert head is not None
        note = checkpoint.signed(settings.LEDGER_ORIGIN, edge.size, edge.root(), [signer])
        if edge.size > head.size:
            cursor.execute(seal._SEAL, [edge.size, edge.root(), str(head.last_xid), head.last_entry, head.floor_entry,
                                        head.cluster, note])  # fmt: skip
        return edge.size


def _envelopes(bundle: Path) -> Iterator[bytes]:
    for file in sorted(path for path in (bundle / "entries").rglob("*") if path.is_file()):
        data, at = file.read_bytes(), 0
        while at < len(data):
            start = at + 2
            at = start + (data[at] << 8) + data[at + 1]
            yield data[start:at]


def _verifier() -> ModuleType:
    """The stranger's file: no part of the product, so it is read from where it lies."""
    spec: Any = importlib.util.spec_from_file_location("verify_bundle", ROOT / "verify" / "verify_bundle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
