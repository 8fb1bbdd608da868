"""W6: the whole pipeline as it was known, at moments of the stock's life, beside the same question of now."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from statistics import median

from django.db import connection

from crm_ledger.bench.bench import Bench
from ledger.queries import moment
from pipeline.queries import board, stages

TIMES = 7
_DEALS = "SELECT stage, currency, count(*), sum(amount_minor) FROM pipeline_dealstate GROUP BY stage, currency"
_LIFE = """
SELECT first + (last - first) * share / 10
FROM (SELECT min(recorded_at) AS first, max(recorded_at) AS last FROM ledger_entry WHERE stage IS NOT NULL) AS life,
     unnest(ARRAY[3, 6, 9, 10]) AS share
"""


def pipeline(bench: Bench) -> None:
    """Count and amount of every stage, and the board with its cards."""
    with connection.cursor() as cursor:
        cursor.execute(_LIFE)
        moments = [row[0] for row in cursor.fetchall()]
    stages_of_now, board_of_now = _milliseconds(each_deal, None), _milliseconds(lambda: _board(bench), None)
    target = "< 30 ms at 10,000, < 250 ms at 1,000,000"
    worst = max(_milliseconds(lambda: stages.by_stage(None), at) for at in moments)
    bench.say("W6 as of, stages, slowest moment", worst, "ms", limit=stages_of_now, target=target,
              against="a look at every deal of now")  # fmt: skip
    worst = max(_milliseconds(lambda: _board(bench), at) for at in moments)
    bench.say("W6 as of, board, slowest moment", worst, "ms", limit=board_of_now, against="the board of now")


def each_deal() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DEALS)
        cursor.fetchall()


def _board(bench: Bench) -> object:
    return board.columns(bench.firm.policy, units=None)


def _milliseconds(ask: Callable[[], object], at: datetime | None) -> float:
    """The median; looking back itself is part of it."""
    spent = []
    for _ in range(TIMES):
        started = time.perf_counter()
        looking: AbstractContextManager[None] = nullcontext() if at is None else moment.known_at(at)
        with looking:
            ask()
        spent.append((time.perf_counter() - started) * 1000)
    return median(spent)
