"""What the cached totals say is what the postings come to: whatever is sealed, rolled or under way, at any moment.

Seen to fail, each change made in ledger/migrations/sql/balances.sql: `latest` a second off, the entries of the own
transaction or the blocks that the moment cuts left out, a range of entries taken without asking whose leaves they
are, entries told apart by id in place of commit order, a block read beside its parts.
"""

import random
import threading
import time

import pytest
from django.db import connections

from ledger.commands import seal
from tests.databases import connected
from tests.ledger.sealing import histories


def roll(database, size, most=1000):
    with database.owner() as owner, owner.cursor() as cursor:
        cursor.execute("SELECT ledger_roll_blocks(%s, %s)", [size, most])
        owner.commit()
        return cursor.fetchone()[0]


def forget(database):
    with database.owner() as owner, owner.cursor() as cursor:
        cursor.execute("SELECT ledger_forget_totals()")
        owner.commit()


def rows(database, statement):
    with database.superuser() as superuser, superuser.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def jump(database, days):
    """The clock of the product runs on, so that a history covers months."""
    with database.owner() as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE ledger_clock SET ahead = ahead + %s * interval '1 day'", [days])
        owner.commit()


@pytest.mark.parametrize("seed", range(6))
def test_cached_is_raw_in_random_histories(committed_db, sealer, signer, seed):
    chance, summed = random.Random(seed), 0
    size = chance.choice((1, 7, 40))
    forget(committed_db)
    with committed_db.app() as one, committed_db.app() as other, committed_db.app() as reader:
        reader.autocommit = True
        late = {one: False, other: False}
        for step in range(60):
            act = chance.choice(("write", "write", "write", "commit", "commit", "rollback", "seal", "roll", "jump"))
            writer = chance.choice((one, other))
            if act == "write":
                histories.write(writer, chance, f"{seed}-{step}", chance.randint(1, 8))
                late[writer] = True
            elif act in ("commit", "rollback"):
                getattr(writer, act)()
                late[writer] = False
            elif act == "seal":
                seal.seal("tests", [signer], most=chance.choice((3, 1000)))
            elif act == "roll":
                roll(committed_db, size, chance.choice((1, 1000)))
            elif not any(late.values()):
                jump(committed_db, chance.choice((0.0001, 5, 40)))
            for asked in (reader, writer):  # the writer sees what it has written itself
                differing, behind, found = histories.difference(asked, chance)
                assert (differing, behind) == (None, 0), (seed, step, act, size)
                summed += found
                if asked is writer and not late[writer]:
                    writer.rollback()
    assert summed > 100
    until = time.monotonic() + 60  # on a server that others use too, their transactions hold a seal up
    while rows(committed_db, "SELECT count(*) FROM ledger_block") == [(0,)] and time.monotonic() < until:
        seal.seal("tests", [signer])
        roll(committed_db, size)
    assert rows(committed_db, "SELECT count(*) > 0 FROM ledger_block") == [(True,)]


def test_cached_is_raw_while_others_write_seal_and_roll(committed_db, sealer, signer):
    stop, wrong = threading.Event(), []

    def write(number):
        chance = random.Random(f"writer {number}")
        with connected(committed_db.app_url) as app:
            for at in range(60):
                histories.write(app, chance, f"racing-{number}-{at}", chance.randint(1, 5))
                stop.wait(chance.random() ** 4 * 0.05)
                app.commit() if chance.random() > 0.1 else app.rollback()

    def tend():
        while not stop.is_set():
            roll(committed_db, 20)

    def read(number):
        chance = random.Random(f"reader {number}")
        with connected(committed_db.app_url) as app:
            app.autocommit = True
            while not stop.is_set():
                found = histories.difference(app, chance)
                if found[:2] != (None, 0):
                    wrong.append(found)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    others = [threading.Thread(target=tend), threading.Thread(target=tend), threading.Thread(target=read, args=(1,))]
    for thread in writers + others:
        thread.start()
    while any(writer.is_alive() for writer in writers):
        seal.seal("tests", [signer], most=30)
    stop.set()
    for thread in writers + others:
        thread.join()
    assert wrong == []
    connections["default"].close()


def test_in_a_cluster_that_was_not_adopted_the_postings_answer(committed_db, sealer, signer, seal_all, monkeypatch):
    """Transaction ids began anew there, so nothing tells what is sealed: once these sums lost every later entry."""
    chance = random.Random("cluster")
    with committed_db.app() as app:
        app.autocommit = True
        histories.write(app, chance, "before", 5)
        seal_all()
        assert roll(committed_db, 5)
        before = rows(committed_db, "SELECT count(*) FROM ledger_rolled()")
        with committed_db.superuser() as root, root.cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_seal DISABLE TRIGGER ALL")
            cursor.execute("UPDATE ledger_seal SET cluster = 'another', last_xid = '9000000000000'")
            cursor.execute("ALTER TABLE ledger_seal ENABLE TRIGGER ALL")
            root.commit()
        histories.write(app, chance, "restored", 5)
        after = rows(committed_db, "SELECT count(*) FROM ledger_rolled()")
        assert (before, after) == ([(1,)], [(0,)])
        for _ in range(20):
            assert histories.difference(app, chance)[:2] == (None, 0)
