"""What every workload shares: servers, stock, report, and how a value is set beside its limit."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from statistics import mean
from typing import Any

import psycopg2
from django.db import connections

from crm_ledger.bench.clients import Keeping, Measured, request, together
from crm_ledger.bench.firm import Firm
from crm_ledger.bench.report import Line, Report
from crm_ledger.bench.script import Script
from crm_ledger.bench.stock import Supply
from crm_ledger.bench.workbench import WebServer, Workbench, cpu_seconds
from ledger.rules.actor import Actor
from pipeline.commands import tokens

ROUNDS = 2  # a value and its limit take turns, so that a slow minute of the machine hits both
_SETUP = Actor(0, "shell")


@dataclass(slots=True)
class Bench:
    """A stock of `deals`, behind a running product."""

    servers: Workbench
    web: WebServer
    report: Report
    firm: Firm
    supply: Supply
    deals: int
    seconds: float
    secrets: dict[int, str] = field(default_factory=dict)

    def say(self, name: str, value: float, unit: str, *, limit: float = 0, against: str = "", target: str = "") -> None:
        ratio = value / limit if limit else None
        self.report.add(Line(f"{name}, {self.deals} deals", value, unit, ratio, against, target))

    def in_turns(self, *plays: Callable[[], Measured]) -> list[Measured]:
        """Each play in every round; rates are the mean of the rounds, samples are all of them."""
        rounds: list[list[Measured]] = []
        for _ in range(ROUNDS):
            found = []
            for play in plays:
                self.settle()
                # Of this process with its clients, PostgreSQL and every web server: all of them are below it.
                before = cpu_seconds(os.getpid())
                seen = play()
                cpu = seen.cpu or (cpu_seconds(os.getpid()) - before) / (len(seen.samples) or 1)
                found.append(replace(seen, cpu=cpu))
            rounds.append(found)
        return [
            Measured(
                mean(one.rate for one in same),
                [sample for one in same for sample in one.samples],
                mean(one.cpu for one in same),
            )
            for same in zip(*rounds, strict=True)
        ]

    def say_p95_and_cost(self, name: str, measured: Measured) -> None:
        self.say(f"{name} p95", measured.p95(), "ms")
        self.say(f"{name} CPU", measured.cpu * 1000, "ms, of driver, web and PostgreSQL")

    @contextmanager
    def bare_view(self, script: Script) -> Iterator[int]:
        """The port of a Django without middleware whose only view plays the script."""
        file = self.servers.folder / "bare.json"
        file.write_text(json.dumps([[step.sql, step.keeps] for step in script.steps]), encoding="utf-8")
        with self.servers.web("crm_ledger.bench.bare:application", BENCH_SCRIPT=str(file)) as bare:
            yield bare.port

    def settle(self) -> None:
        """Every play begins after a checkpoint, with nobody connected from here."""
        connections.close_all()
        self.superuser("CHECKPOINT")

    def superuser(self, statement: str) -> None:
        with closing(psycopg2.connect(self.servers.superuser_url())) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def token(self, person: int) -> str:
        if person not in self.secrets:
            self.secrets[person] = tokens.issue(person, "bench", "write", 30, by=_SETUP).secret
        return f"Bearer {self.secrets[person]}"

    def over_http(
        self, requests: Callable[[int], Iterable[bytes]], expected: int, *, port: int = 0, seconds: float = 0
    ) -> Measured:
        """Eight clients with an open connection each; `requests(client)` is what it sends."""
        to = port or self.web.port

        def prepare(client: int) -> tuple[Callable[[bytes], Any], Iterable[bytes]]:
            line = Keeping(to)
            return lambda data: line.send(data, expected), requests(client)

        return together(prepare, seconds or self.seconds)

    def warm_up(self) -> None:
        """Every thread of the product has its connection and has read the policy."""
        head = {"Authorization": self.token(self.firm.reps[0].person)}
        self.over_http(self.reading(["/api/v1/me/", "/api/v1/deals/"], lambda client: head), 200, seconds=1)

    def reading(self, paths: list[str], headers: Callable[[int], dict[str, str]]) -> Callable[[int], Iterable[bytes]]:
        """Endless requests of a client: one path after the other."""
        return lambda client: itertools.cycle(
            [request("GET", paths[(client + at) % len(paths)], b"", **headers(client)) for at in range(len(paths))]
        )
