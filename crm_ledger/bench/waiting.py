"""V7: whether different deals wait for each other: one database for eight clients, or one for each of them.

Both play the same statements on the same server and the same cores; what they do not share is what they could wait for.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from statistics import median

import psycopg2
from django.db import connections

from crm_ledger.bench import recording
from crm_ledger.bench.firm import CLIENTS, Firm
from crm_ledger.bench.report import Line, Report
from crm_ledger.bench.stock import Supply
from crm_ledger.bench.workbench import DATABASE, PASSWORDS, Workbench
from crm_ledger.local import provision

ROUNDS = 3
_WAITS = """
SELECT coalesce(wait_event_type || ' ' || wait_event, 'none') FROM pg_stat_activity
WHERE datname = %s AND usename = 'ledger_app' AND state = 'active'
"""
# Waiting for a row, a transaction, an advisory lock: for somebody else's deal, as far as a deal could be one's own.
_LOCKS = "Lock "


def measure(servers: Workbench, report: Report, firm: Firm, supply: Supply, each: int, how: str) -> None:
    """`how` is said behind the name of each line."""
    admin = servers.superuser_url("postgres")
    script = recording.advance(firm, supply)
    connections.close_all()
    names = [f"bench_apart_{client}" for client in range(CLIENTS)]
    file = servers.folder / "waiting.sql"
    file.write_text(script.for_pgbench(), encoding="utf-8")
    together, apart, waits = [], [], Counter[str]()
    try:
        for name in names:
            provision.drop(admin, name)
            provision.clone(admin, DATABASE, name)
        for _ in range(ROUNDS):
            places = supply.take(each)
            with _Watching(servers, waits):
                together.append(_play(servers, [DATABASE] * CLIENTS, supply, places))
            apart.append(_play(servers, names, supply, places))
    finally:
        for name in names:
            provision.drop(admin, name)
    report.add(Line(f"V7 advances of {CLIENTS} clients in one database{how}", median(together), "a second",
                    median(one / other for one, other in zip(together, apart, strict=True)),
                    "the same in a database for each client", "ratio ≥ 0.9"))  # fmt: skip
    seen = sum(waits.values()) or 1
    locked = sum(count for name, count in waits.items() if name.startswith(_LOCKS))
    report.add(Line(f"V7 clients that wait for a lock of another{how}", 100 * locked / seen, "% of the looks at each",
                    None, "", "0"))  # fmt: skip
    for name, count in waits.most_common(3):
        report.add(Line(f"V7 looks that found: {name}{how}", 100 * count / seen, "%"))


def _play(servers: Workbench, databases: Sequence[str], supply: Supply, places: Sequence[int]) -> float:
    """Advances a second of all clients, each a pgbench of its own on its share of the ready deals."""
    running = []
    started = time.monotonic()
    for client, name in enumerate(databases):
        url = provision.addresses(servers.superuser_url("postgres"), name, **PASSWORDS).app
        command = [str(servers.binary("pgbench")), url, "--no-vacuum", "--client=1", "--protocol=simple"]
        known = {"client_id": client, "first": supply.first, "each": supply.each, "i": places[0] - 1}
        for variable, value in known.items():
            command += ["--define", f"{variable}={value}"]
        command += [f"--transactions={len(places)}", "--file", str(servers.folder / "waiting.sql")]
        free = os.environ | {"PGOPTIONS": ""}
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=free))
    for one in running:
        said, _ = one.communicate()
        if one.returncode or "aborted" in said:
            raise RuntimeError(f"pgbench failed:\n{said[-3000:]}")
    return len(databases) * len(places) / (time.monotonic() - started)


class _Watching:
    """Looks fifty times a second at what each client waits for."""

    def __init__(self, servers: Workbench, found: Counter[str]) -> None:
        self.servers, self.found, self.stop = servers, found, threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        with closing(psycopg2.connect(self.servers.superuser_url("postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                while not self.stop.wait(0.02):
                    cursor.execute(_WAITS, [DATABASE])
                    self.found.update(row[0] for row in cursor.fetchall())

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
