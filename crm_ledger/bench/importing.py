"""W5: rows of a spreadsheet, from the bytes of a file to the commit."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from crm_ledger.bench import recording
from crm_ledger.bench.bench import Bench
from crm_ledger.bench.clients import Measured
from crm_ledger.bench.firm import Firm
from crm_ledger.bench.script import Script
from ledger.rules.actor import SYSTEM
from pipeline.commands.import_deals import BATCH, import_deals
from pipeline.commands.importing.files import Files, Upload

_HEAD = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"
_ROWS_A_SECOND = 1000  # so many rows for each second that a measurement may take


def import_rows(bench: Bench) -> None:
    limit, done = bench.in_turns(_Limit(bench), lambda: _import(bench, _size(bench)))
    bench.say("import, psycopg2", limit.rate, "rows/s")
    bench.say("W5 import", done.rate, "rows/s", limit=limit.rate,
              against="psycopg2, the same statements, the time in PostgreSQL alone",
              target="≥ 1,500 rows/s at 100,000")  # fmt: skip


def _size(bench: Bench) -> int:
    return max(1, round(_ROWS_A_SECOND * bench.seconds / BATCH)) * BATCH


def _import(bench: Bench, rows: int) -> Measured:
    files = Files(deals=Upload("bench.csv", _file(bench.firm, rows)))
    started = time.perf_counter()
    report = import_deals(files, by=SYSTEM)
    taken = time.perf_counter() - started
    if report.counts["unverified"] + report.counts["accepted"] != rows:
        raise RuntimeError(f"rows were refused: {report.counts} {report.faults[:3]}")
    return Measured(rows / taken, [taken])


def _file(firm: Firm, rows: int) -> bytes:
    """As the sample of the product has them: two thirds won, a quarter lost, the rest open; every id is new."""
    chance, run = random.SystemRandom(), random.SystemRandom().randrange(10**8, 10**9)
    lines = [_HEAD]
    for at in range(rows):
        stage = chance.choices(("Won", "Lost", "Engaging"), (65, 25, 10))[0]
        engaged = firm.today - timedelta(days=chance.randrange(200, 900))
        closed = "" if stage == "Engaging" else str(engaged + timedelta(days=chance.randrange(10, 150)))
        worth = {"Won": chance.randrange(50, 30_000), "Lost": 0}.get(stage, "")
        account = chance.randrange(len(firm.accounts))
        rep = chance.randrange(len(firm.reps))
        lines.append(f"R{run}-{at},rep{rep},Line {at % 7},Customer {account:04d},{stage},{engaged},{closed},{worth}")
    return "\n".join(lines).encode()


class _Limit:
    """One batch as it was recorded, repeated on other deals; text is put together outside the measured time."""

    def __init__(self, bench: Bench) -> None:
        self.batches = _size(bench) // BATCH
        self.script: Script = recording.rows(lambda: _import(bench, BATCH))

    def __call__(self) -> Measured:
        with transaction.atomic(), connection.cursor() as cursor:
            timed = _Timed(cursor)
            for _ in range(self.batches):
                self.script.play(timed, {"nine": random.SystemRandom().randrange(10**8, 10**9)})
            started = time.perf_counter()
        taken = timed.taken + time.perf_counter() - started
        return Measured(self.batches * BATCH / taken, [taken])


class _Timed:
    def __init__(self, cursor: Any) -> None:
        self.cursor, self.taken = cursor, 0.0
        self.fetchone = cursor.fetchone

    @property
    def description(self) -> Any:
        return self.cursor.description

    def execute(self, sql: str) -> None:
        started = time.perf_counter()
        self.cursor.execute(sql)
        self.taken += time.perf_counter() - started
