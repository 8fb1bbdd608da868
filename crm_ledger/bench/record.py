"""A long record in bulk, for what only hashes, links and seals: as the trigger would have it.

Written by the superuser of a scratch copy, round after round: each adds one entry to every stream.
"""

from __future__ import annotations

from contextlib import closing

import psycopg2

STREAMS = 40_000
_ROUND = """
WITH written AS (
    INSERT INTO ledger_entry (stream, seq, kind, actor, recorded_at, effective_at, envelope)
    SELECT stream, %(seq)s, 'import.received', 0, ledger_moment(at), ledger_moment(at), convert_to(
        '{"actor":0,"at":' || at || ',"body":{"note":"' || repeat(md5(stream || %(seq)s), 12) || '"},"channel":"task",'
        '"effective":' || at || ',"evidence":[],"kind":"import.received","on_behalf":null,"policy":null,"prev":"'
        || encode(head, 'hex') || '","private":[],"request":"' || md5(stream) || '","seq":' || %(seq)s
        || ',"stream":"' || stream || '","v":1}', 'UTF8')
    FROM (SELECT stream, head FROM streams) s,
        LATERAL (SELECT (extract(epoch FROM ledger_now()) * 1000000)::bigint::text AS at WHERE s.stream <> '') now
    RETURNING stream, hash, recorded_at
)
UPDATE streams s SET head = w.hash, at = w.recorded_at FROM written w WHERE w.stream = s.stream
"""


def fill(superuser_url: str, entries: int) -> int:
    """Adds about so many entries; returns how many."""
    streams = min(STREAMS, entries)
    rounds = entries // streams
    with closing(psycopg2.connect(superuser_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND"
                       " tgrelid IN ('ledger_entry'::regclass, 'ledger_stream'::regclass)")  # fmt: skip
        triggers = cursor.fetchall()
        for table, name in triggers:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        cursor.execute(
            "CREATE TEMP TABLE streams AS SELECT 'import/bench-' || n AS stream,"
            " decode(repeat('00', 32), 'hex') AS head, NULL::timestamptz AS at FROM generate_series(1, %s) n",
            [streams],
        )
        connection.commit()
        for seq in range(1, rounds + 1):
            cursor.execute(_ROUND, {"seq": seq})
            connection.commit()
        cursor.execute("INSERT INTO ledger_stream (id, version, head, at) SELECT stream, %s, head, at FROM streams",
                       [rounds])  # fmt: skip
        for table, name in triggers:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE ledger_entry, ledger_stream")
    return streams * rounds


# Leaves of entries that do not exist: a tree of any size, for proofs alone.
LEAVES = """
WITH fresh AS MATERIALIZED (
    SELECT n, sha256(int8send(n)) AS hash FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1) n
), kept AS (
    INSERT INTO ledger_leaf (idx, entry_id, hash) SELECT n, 1000000000000 + n, hash FROM fresh
)
SELECT string_agg(hash, ''::bytea ORDER BY n) FROM fresh
"""
