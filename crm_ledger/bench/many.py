"""V10: the whole pipeline as of a moment over a million deals, fabricated in bulk on a scratch copy.

Each deal is opened and moves on twice, spread over 400 days. Written by the superuser with the triggers off, so the
record does not verify; what is measured reads states and moments alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import datetime
from functools import partial

import psycopg2
from django.db import connections

from crm_ledger.bench.looking_back import each_deal
from crm_ledger.bench.proving import Spent
from crm_ledger.bench.report import Line, Report, say
from crm_ledger.bench.workbench import DATABASE, PASSWORDS, Workbench
from crm_ledger.local import provision
from crm_ledger.tamper.scratch import pointed
from ledger.queries import moment
from pipeline.queries import stages

NAME = "bench_many"
TIMES = 20
PORTION = 100_000
_SHARES = (0.03, 0.25, 0.5, 0.75, 0.97, 1.0)  # of the 400 days: the moments that are asked for

_TABLES = ("ledger_entry", "ledger_leaf", "ledger_seal", "ledger_stream", "pipeline_dealstate")
# In the order of time, so that numbers grow with it. Scattered: the n-th deal opens at n × 7919 of all.
_MOVES = """
CREATE UNLOGGED TABLE moves AS SELECT *, row_number() OVER (ORDER BY at) AS nth FROM (
SELECT %(first)s + d AS deal, m AS seq, now() - interval '400 days'
        + (d::bigint * 7919 %% %(deals)s) * interval '370 days' / %(deals)s + m * interval '10 days' AS at,
    (ARRAY['qualify', 'solution', CASE WHEN d %% 3 = 0 THEN 'booked' ELSE 'commit' END])[m] AS stage,
    1000000 + d %% 900000 AS amount, o.unit, o.id AS owner
FROM generate_series(1, %(deals)s) AS d CROSS JOIN generate_series(1, 3) AS m
JOIN LATERAL (SELECT id, unit FROM (SELECT id, unit, row_number() OVER (ORDER BY id) - 1 AS nth, count(*) OVER () AS n
    FROM pipeline_seat WHERE function = 'sales' AND unit IS NOT NULL) AS s WHERE s.nth = d %% s.n) AS o ON true
) AS moved ORDER BY at
"""
_ENTRIES = """
INSERT INTO ledger_entry (stream, seq, kind, actor, recorded_at, effective_at, stage, amount_minor, currency, owner,
    envelope)
SELECT 'deal/' || deal, seq, CASE seq WHEN 1 THEN 'deal.opened' ELSE 'deal.advanced' END, 1, at, at, stage, amount,
    'USD', owner, convert_to('{"actor":1,"at":0,"body":{"after":{"amount_minor":' || amount
        || ',"currency":"USD","inputs":{"note":"' || repeat(md5(deal::text), 20) || '"},"owner":' || owner
        || ',"stage":"' || stage || '","unit":"' || unit || '","value_minor":' || amount || '}},"seq":' || seq || '}',
        'UTF8')
FROM moves WHERE nth > %(done)s AND nth <= %(done)s + %(portion)s ORDER BY nth
"""
_REST = """
INSERT INTO ledger_leaf SELECT (SELECT max(idx) FROM ledger_leaf) + row_number() OVER (ORDER BY id), id, hash
    FROM ledger_entry e WHERE id > (SELECT max(entry_id) FROM ledger_leaf);
INSERT INTO ledger_seal SELECT (SELECT max(idx) + 1 FROM ledger_leaf), s.root, e.xid, e.id, s.floor_entry, s.cluster,
    s.note, now() FROM (SELECT * FROM ledger_seal ORDER BY size DESC LIMIT 1) AS s,
    (SELECT xid, id FROM ledger_entry ORDER BY xid DESC, id DESC LIMIT 1) AS e;
INSERT INTO pipeline_deal (id, title, description, created_at, source, source_ref, source_hash)
    SELECT deal, 'Fabricated', '', at, '', '', '' FROM moves WHERE seq = 1;
INSERT INTO pipeline_dealstate (deal_id, stream, version, entry_id, stage, stage_entered_at, opened_at, policy_version,
        unit, owner_id, amount_minor, currency, value_minor, terms, terms_entry)
    SELECT m.deal, e.stream, 3, e.id, m.stage, m.at, m.at, (SELECT max(version) FROM pipeline_policyversion), m.unit,
        m.owner, m.amount, 'USD', m.amount, '', e.id
    FROM moves m JOIN ledger_entry e ON (e.stream, e.seq) = ('deal/' || m.deal, 3) WHERE m.seq = 3;
DROP TABLE moves
"""


def as_of(servers: Workbench, report: Report, deals: int) -> None:
    connections.close_all()
    admin = servers.superuser_url("postgres")
    provision.drop(admin, NAME)
    provision.clone(admin, DATABASE, NAME)
    try:
        say(f"{deals:,} deals, fabricated …")
        rolled = _fabricate(servers.superuser_url(NAME), deals)
        with pointed(provision.addresses(admin, NAME, **PASSWORDS), servers.folder / "many"):
            _measure(report, deals, rolled)
    finally:
        connections.close_all()
        provision.drop(admin, NAME)


def _measure(report: Report, deals: int, rolled: float) -> None:
    now = _milliseconds(each_deal, None)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT now() - interval '400 days' + interval '400 days' * unnest(%s)", [list(_SHARES)])
        moments = [row[0] for row in cursor.fetchall()]
    spent = [_milliseconds(lambda: stages.by_stage(None), at) for at in moments]
    worst = max(spent)
    report.add(Line(f"V10 pipeline by stage as of, {deals} deals, slowest moment", worst, "ms of CPU", worst / now,
                    "a look at every deal of now", "< 250 ms at 1,000,000"))  # fmt: skip
    report.add(Line("V10 rolling", rolled, "entries a second"))


def _milliseconds(ask: Callable[[], object], at: datetime | None) -> float:
    """CPU of this process and of PostgreSQL, the mean of some; looking back itself is part of it."""
    looking: Callable[[], AbstractContextManager[None]] = nullcontext if at is None else partial(moment.known_at, at)
    with looking():
        ask()
    with Spent() as spent:
        for _ in range(TIMES):
            with looking():
                ask()
    return spent.seconds / TIMES * 1000


def _fabricate(superuser_url: str, deals: int) -> float:
    """Returns how many entries a second were summed up in blocks."""
    with closing(psycopg2.connect(superuser_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        cursor.execute("SELECT coalesce(max(id), 0) FROM pipeline_deal")
        cursor.execute(_MOVES, {"first": cursor.fetchone()[0], "deals": deals})
        for done in range(0, 3 * deals, PORTION):
            cursor.execute(_ENTRIES, {"done": done, "portion": PORTION})
        for statement in _REST.split(";"):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
        started, made = time.monotonic(), 1
        while made:
            cursor.execute("SELECT ledger_roll()")
            (made,) = cursor.fetchone()
        cursor.execute("ANALYZE pipeline_stage_total, ledger_block")
        return 3 * deals / (time.monotonic() - started)
