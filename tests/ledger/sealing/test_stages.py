"""The pipeline by stage, summed by blocks, is what a look at every deal says: at the moment of every entry.

Seen to fail, each change made in sql/stages.sql: what an entry took from the stage before left out, the block that a
moment cuts left out, entries that are not sealed left out, blocks later than the moment read.
"""

from random import Random

import pytest
from django.db import connection

from crm_ledger.verify.run import verify
from ledger.commands import seal
from pipeline.queries import stages
from tests.crm_ledger.as_of.acts import play
from tests.ledger.sealing.test_balances import forget, roll, rows
from tests.programs import company_in

# Every deal's last state by then, in a way of its own: no view, no block.
_EACH = """
SELECT stage, after ->> 'unit', coalesce(currency, ''), count(*), sum(coalesce(amount_minor, 0))::bigint
FROM (SELECT DISTINCT ON (stream) *, convert_from(envelope, 'UTF8')::jsonb #> '{body,after}' AS after FROM ledger_entry
      WHERE stage IS NOT NULL AND recorded_at <= %s ORDER BY stream, seq DESC) AS last
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
# What waited then, by blocks and by the rows that say from when until when.
_WAITED = "SELECT function, unit, deals, amount FROM governance_waiting_at(NULL, %s) ORDER BY 1, 2"
_WAITS = """
SELECT function, unit, count(*), sum(value_minor)::bigint FROM governance_waiting
WHERE from_at <= %s AND (until_at IS NULL OR until_at > %s) GROUP BY 1, 2 ORDER BY 1, 2
"""
_BY_BLOCKS = "SELECT * FROM pipeline_stages_at(NULL, %s) ORDER BY stage, unit, currency"


def asked(question, *values):
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall()


def moments():
    return [row[0] for row in asked("SELECT recorded_at FROM ledger_entry WHERE stage IS NOT NULL ORDER BY id")]


@pytest.fixture
def lived(committed_db, seal_all, signer):
    """Random lives, sealed and rolled at any time, a tail of each kind left over."""
    database, company = committed_db, company_in(committed_db.name)
    chance = Random("stages")
    for _numbers in play(company, chance, 5):
        seal.seal("tests", [signer], most=chance.choice((7, 1000)))
        roll(database, 5, most=chance.choice((1, 1000)))
    seal_all()
    roll(database, 5)
    for _numbers in play(company, chance, 3):
        seal.seal("tests", [signer], most=5)
    return database


def test_by_blocks_is_deal_by_deal_at_the_moment_of_every_entry(lived):
    seen = set()
    for moment in moments():
        found = asked(_BY_BLOCKS, moment)
        assert found == asked(_EACH, moment), moment
        assert asked(_WAITED, moment) == asked(_WAITS, moment, moment), moment
        seen.add(tuple(found))
    assert len(seen) > 5
    assert rows(lived, "SELECT count(*) > 0 FROM pipeline_stage_total WHERE level > 0") == [(True,)]
    assert [tuple(row) for row in stages.by_stage(None)] == asked(_EACH, "infinity")


def test_without_blocks_and_with_all_of_them_the_same(lived, seal_all):
    half = moments()[len(moments()) // 2]
    forget(lived)
    without = asked(_BY_BLOCKS, half)
    seal_all()
    roll(lived, 5)
    assert without == asked(_BY_BLOCKS, half) == asked(_EACH, half) != []


def test_a_sum_that_was_changed_is_named(lived, seal_all):
    seal_all()
    roll(lived, 5)
    with lived.superuser() as intruder, intruder.cursor() as cursor:
        cursor.execute("ALTER TABLE pipeline_stage_total DISABLE TRIGGER never_changes")
        cursor.execute(
            "UPDATE pipeline_stage_total SET deals = deals + 1 WHERE (level, number) ="
            " (SELECT level, number FROM pipeline_stage_total WHERE level = 1 ORDER BY number LIMIT 1) RETURNING number"
        )
        block = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE pipeline_stage_total ENABLE ALWAYS TRIGGER never_changes")
        intruder.commit()
    first = str(verify()["completeness"].violations[0])
    assert f"block {block} of level 1" in first and "total of" in first and "deals of" in first
    forget(lived)
    roll(lived, 5)
    assert [str(one) for one in verify()["completeness"].violations if "block" in str(one)] == []
