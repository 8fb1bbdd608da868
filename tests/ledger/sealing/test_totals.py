"""Blocks of totals: rolled by the database alone and once; never changed, only forgotten whole, by the owner."""

import random
import threading

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from crm_ledger.verify.run import verify
from ledger.commands import totals
from tests.databases import connected
from tests.ledger.sealing import histories
from tests.ledger.sealing.test_balances import forget, roll, rows

BLOCKS = "SELECT level, number, from_idx, to_idx FROM ledger_block ORDER BY level, number"
TOTALS = "SELECT * FROM ledger_total ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"


@pytest.fixture
def sealed(committed_db, sealer, seal_all):
    """At least 120 sealed entries with postings, and no block."""
    if rows(committed_db, "SELECT count(*) < 120 FROM ledger_entry") == [(True,)]:
        with committed_db.app() as app:
            histories.write(app, random.Random("totals"), "totals", 120)
            app.commit()
    seal_all()
    forget(committed_db)
    return committed_db


def test_blocks_follow_each_other_and_four_make_one(sealed):
    made = roll(sealed, 5)
    blocks = rows(sealed, BLOCKS)
    levels = [[block[1:] for block in blocks if block[0] == level] for level in range(blocks[-1][0] + 1)]
    assert made == len(levels[0]) > 16 and len(levels) > 2
    for level, found in enumerate(levels):
        assert [number for number, _, _ in found] == list(range(len(found)))
        assert [start for _, start, _ in found] == [0] + [stop for _, _, stop in found[:-1]]
        if level:
            assert len(found) == len(levels[level - 1]) // 4
            assert [stop for _, _, stop in found] == [levels[level - 1][4 * at + 3][2] for at in range(len(found))]


def test_a_block_is_full_of_leaves_and_postings(sealed):
    roll(sealed, 9)
    weights = rows(
        sealed,
        "SELECT to_idx - from_idx, (SELECT count(*) FROM ledger_leaf l JOIN ledger_posting p USING (entry_id)"
        " WHERE l.idx >= from_idx AND l.idx < to_idx) FROM ledger_block WHERE level = 0 ORDER BY number",
    )
    # The last entry of a block carries at most six postings.
    assert all(9 <= leaves + postings <= 9 + 6 for leaves, postings in weights)


def test_in_steps_or_at_once_the_same_blocks(sealed):
    roll(sealed, 5)
    blocks, sums = rows(sealed, BLOCKS), rows(sealed, TOTALS)
    forget(sealed)
    while roll(sealed, 5, most=1):
        pass
    assert (rows(sealed, BLOCKS), rows(sealed, TOTALS)) == (blocks, sums)
    assert roll(sealed, 5) == 0


def test_two_machines_at_once_make_no_block_twice(sealed):
    made = []

    def work():
        with connected(sealed.owner_url) as owner, owner.cursor() as cursor:
            for _ in range(40):
                cursor.execute("SELECT ledger_roll_blocks(5, 2)")
                made.append(cursor.fetchone()[0])
                owner.commit()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.append(roll(sealed, 5))  # a machine that found the lock taken has left the rest
    assert sum(made) == rows(sealed, "SELECT count(*) FROM ledger_block WHERE level = 0")[0][0]
    together = rows(sealed, BLOCKS), rows(sealed, TOTALS)
    forget(sealed)
    roll(sealed, 5)
    assert together == (rows(sealed, BLOCKS), rows(sealed, TOTALS))


def test_a_killed_roll_leaves_nothing_half_done(sealed):
    with connected(sealed.owner_url) as owner:
        owner.cursor().execute("SELECT ledger_roll_blocks(5, 3)")
    assert rows(sealed, BLOCKS) == rows(sealed, TOTALS) == []
    assert roll(sealed, 5) > 0


def test_the_application_rolls_blocks_of_one_size_only(sealed):
    assert totals.roll() == 0  # fewer leaves than a block of the usual size holds
    with sealed.app() as app, app.cursor() as cursor:
        for statement in (
            "SELECT ledger_roll_blocks(1, 1)",
            "SELECT ledger_forget_totals()",
            "INSERT INTO ledger_block VALUES (0, 0, 0, 1, 1, 1, now(), now())",
            "INSERT INTO ledger_total VALUES (0, 0, 'bookings', 'booked', '2027-01-01', 'east', 'won', 'USD', 1, 1)",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
            app.rollback()


@pytest.mark.parametrize("table", ["ledger_block", "ledger_total"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET number = 0", "TRUNCATE {}"])
@pytest.mark.parametrize("door", ["sealer_url", "owner_url", "superuser_url", "app_url"])
def test_blocks_never_change(sealed, table, act, door):
    roll(sealed, 5, most=4)
    with connected(getattr(sealed, door)) as intruder, intruder.cursor() as cursor:
        if door == "superuser_url":
            cursor.execute("SET session_replication_role = replica")
        with pytest.raises((psycopg2.errors.RestrictViolation, psycopg2.errors.InsufficientPrivilege)):
            cursor.execute(act.format(table))


def test_forgetting_keeps_the_guards_and_hides_nothing_from_a_reader(sealed):
    roll(sealed, 5)
    chance = random.Random("forget")
    with sealed.app() as reader:
        reader.set_session(isolation_level="REPEATABLE READ")
        for _ in range(5):
            assert histories.difference(reader, chance)[:2] == (None, 0)
        forget(sealed)
        for _ in range(5):
            assert histories.difference(reader, chance)[:2] == (None, 0)
    assert rows(sealed, "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'never_%' AND tgenabled <> 'A'") == [(0,)]


def test_rebuilding_is_for_the_owner(sealed, capsys):
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("rebuild_totals")
    roll(sealed, 5)
    from crm_ledger.database_url import django_database

    connections.settings["owner"] = {
        **connections.settings["default"],
        **django_database(sealed.owner_url, application="tests"),
    }
    try:
        call_command("rebuild_totals")
    finally:
        connections["owner"].close()
        del connections.settings["owner"], connections["owner"]
    assert "0 blocks" in capsys.readouterr().out and rows(sealed, BLOCKS) == []


WRONG = {
    "an edited sum": (
        "UPDATE ledger_total SET amount = amount + 1 WHERE (level, number) = (0, 3) AND place = 'baseline'",
        "block 3 of level 0", "total of revenue baseline",
    ),
    "an edited sum of a larger block": (
        "UPDATE ledger_total SET amount = amount + 1 WHERE (level, number) = (1, 2) AND place = 'expected'",
        "block 2 of level 1", "total of revenue expected",
    ),
    "a sum taken away": ("DELETE FROM ledger_total WHERE level = 0 AND number = 5", "block 5 of level 0", "total of"),
    "an invented sum": (
        "INSERT INTO ledger_total VALUES (0, 2, 'bookings', 'booked', '2027-01-01', 'east', 'won', 'USD', 1, 1)",
        "block 2 of level 0", "total of bookings booked 2027-01-01 east won USD",
    ),
    "a sum of no block": (
        "INSERT INTO ledger_total VALUES (0, 999, 'bookings', 'booked', '2027-01-01', 'east', 'won', 'USD', 1, 1)",
        "block 999 of level 0", "ledger_total",
    ),
    "a moment moved": (
        "UPDATE ledger_block SET latest = latest - interval '1 hour' WHERE (level, number) = (0, 4)",
        "block 4 of level 0", "latest",
    ),
    "a block stretched": (
        "UPDATE ledger_block SET to_idx = to_idx + 1 WHERE (level, number) = (0, 1)", "block 1 of level 0", "to_idx",
    ),
    "a block taken away": ("DELETE FROM ledger_block WHERE (level, number) = (0, 6)", "block 6 of level 0", "block"),
    "a larger block taken away": (
        "DELETE FROM ledger_block WHERE level = (SELECT max(level) FROM ledger_block)", "block 0 of level", "block",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_the_first_block_that_differs_is_named(sealed, name):
    statement, place, fact = WRONG[name]
    roll(sealed, 5)
    assert [one for one in verify()["completeness"].violations if "block" in one.place] == []
    with sealed.superuser() as root, root.cursor() as cursor:
        for table in ("ledger_total", "ledger_block"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_changes")
        cursor.execute(statement)
        assert cursor.rowcount > 0
        for table in ("ledger_total", "ledger_block"):
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changes")
        root.commit()
    first = next(one for one in verify()["completeness"].violations if "block" in one.place)
    assert place in first.place and fact in first.fact, first
