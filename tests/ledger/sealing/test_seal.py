"""Sealing against a real database: nothing lost, nothing doubled, nothing taken back."""

import random
import threading

import psycopg2
import pytest
from django.db import connections

from ledger.commands import seal
from ledger.queries import tree
from ledger.rules import checkpoint, merkle
from ledger.rules.problems import Problem
from tests.databases import connected
from tests.ledger.sealing.writing import entry, insert


def rows(database, statement, *values):
    with database.superuser() as superuser, superuser.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def leaves_of(database):
    return [bytes(row[0]) for row in rows(database, "SELECT hash FROM ledger_leaf ORDER BY idx")]


def write(database, count, start):
    with database.app() as app:
        insert(app, *(entry(f"import/{start}-{number}") for number in range(count)))
        app.commit()


def test_the_head_is_the_root_over_every_entry(committed_db, seal_all, signer):
    write(committed_db, 5, "first")
    size = seal_all()
    head = tree.head()
    assert head.size == size and head.root == merkle.root(leaves_of(committed_db)) == tree.root(size)
    note = checkpoint.parse(head.note)
    assert (note.size, note.root) == (head.size, head.root)
    assert note.signed_by([signer.key]) == (signer.key,)
    mismatched = "SELECT count(*) FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id WHERE l.hash <> e.hash"
    assert rows(committed_db, mismatched) == [(0,)]


def test_an_entry_in_flight_is_neither_sealed_nor_lost(committed_db, seal_all, sealer, signer):
    """A cursor on ids or on xids alone loses the entry that commits late: seen red with the watermark taken out."""
    with committed_db.app() as late:
        (waiting,) = insert(late, entry("import/late"))
        write(committed_db, 3, "overtaking")
        seal.catch_up("tests", [signer])
        assert tree.leaf_of(waiting) is None
        late.commit()
    seal_all()
    assert tree.leaf_of(waiting) is not None
    places = [row[0] for row in rows(committed_db, "SELECT idx FROM ledger_leaf ORDER BY idx")]
    assert places == list(range(len(places)))


def test_many_writers_lose_nothing(committed_db, seal_all, sealer, signer):
    stop = threading.Event()

    def work(number):
        chance = random.Random(number)
        with connected(committed_db.app_url) as app:
            for at in range(40):
                insert(app, entry(f"import/many-{number}-{at}"))
                stop.wait(chance.random() ** 4 * 0.03)
                app.commit() if chance.random() > 0.1 else app.rollback()

    writers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seal.seal("tests", [signer])
    for writer in writers:
        writer.join()
    size = seal_all()
    assert tree.head().root == merkle.root(leaves_of(committed_db))
    assert rows(committed_db, "SELECT count(*), count(DISTINCT entry_id) FROM ledger_leaf") == [(size, size)]


def test_two_sealers_are_harmless(committed_db, sealer, seal_all, signer):
    write(committed_db, 2, "two")
    with connected(committed_db.sealer_url) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [seal.LOCK])
        assert seal.seal("tests", [signer]) is None
    seal_all()
    assert seal.seal("tests", [signer]) is None


def test_tiles_are_complete_and_proofs_come_from_them(committed_db, seal_all):
    write(committed_db, 700, "tiles")
    size = seal_all()
    leaves = leaves_of(committed_db)
    stored = rows(committed_db, "SELECT level, idx, hashes, root FROM ledger_tile ORDER BY level, idx")
    assert len(stored) == size // 256
    for level, index, hashes, root in stored:
        assert level == 0 and bytes(hashes) == b"".join(leaves[index * 256 : index * 256 + 256])
        assert bytes(root) == merkle.root(leaves[index * 256 : index * 256 + 256])
    chance = random.Random(6962)
    for _ in range(60):
        now = chance.randint(1, size)
        index, old = chance.randrange(now), chance.randint(1, now)
        root = merkle.root(leaves[:now])
        assert tree.root(now) == root
        assert merkle.verify_inclusion(leaves[index], index, now, tree.inclusion(index, now), root)
        assert merkle.verify_consistency(old, now, tree.consistency(old, now), merkle.root(leaves[:old]), root)
    with pytest.raises(Problem):
        tree.root(size + 1)


def test_catching_up_in_small_steps_gives_the_same_tree(committed_db, sealer, seal_all, signer):
    write(committed_db, 30, "steps")
    while seal.seal("tests", [signer], most=7):
        pass
    seal_all()
    assert tree.head().root == merkle.root(leaves_of(committed_db))


@pytest.mark.parametrize("table", ["ledger_leaf", "ledger_tile", "ledger_seal", "ledger_publication"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {}"])
@pytest.mark.parametrize("door", ["sealer_url", "owner_url", "superuser_url", "app_url"])
def test_the_tree_is_only_added_to(committed_db, seal_all, table, act, door):
    if table == "ledger_tile":
        write(committed_db, 1 if leaves_of(committed_db)[255:] else 300, f"guard-{act[:3]}-{door}")
    elif not leaves_of(committed_db):
        write(committed_db, 1, f"guard-{table}-{act[:3]}-{door}")
    seal_all()
    column = "size" if table in ("ledger_seal", "ledger_publication") else "idx"
    with connected(committed_db.sealer_url) as own, own.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_publication (channel, size) VALUES (%s, 1)", [f"{table}{act}{door}"])
        own.commit()
    with connected(getattr(committed_db, door)) as intruder, intruder.cursor() as cursor:
        if door == "superuser_url":
            cursor.execute("SET session_replication_role = replica")
        with pytest.raises((psycopg2.errors.RestrictViolation, psycopg2.errors.InsufficientPrivilege)):
            cursor.execute(act.format(table, column, column))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger_leaf VALUES (99999999, 1, sha256(''))",
        "INSERT INTO ledger_seal (size, root, last_xid, last_entry, cluster, note, at)"
        " VALUES (1, sha256(''), '1', 1, '', '', now())",
    ],
)
def test_the_application_adds_nothing_to_the_tree(committed_db, statement):
    with committed_db.app() as app, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        app.cursor().execute(statement)


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_posting", "ledger_standing", "pipeline_dealstate"])
def test_the_sealer_writes_nothing_else(committed_db, table):
    with connected(committed_db.sealer_url) as own, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        own.cursor().execute(f"INSERT INTO {table} DEFAULT VALUES")


def test_a_seal_covers_every_leaf_and_extends_the_tree(committed_db, seal_all):
    write(committed_db, 2, "extends")
    size = seal_all()
    for wrong in (size, size + 5):
        with connected(committed_db.sealer_url) as own, pytest.raises(psycopg2.errors.CheckViolation):
            own.cursor().execute(
                "INSERT INTO ledger_seal (size, root, last_xid, last_entry, cluster, note, at)"
                " VALUES (%s, sha256(''), '1', 1, '', '', now())",
                [wrong],
            )


def test_another_cluster_is_refused_until_it_is_adopted(committed_db, sealer, seal_all, signer, monkeypatch):
    from ledger.commands import adopt

    write(committed_db, 2, "before the move")
    seal_all()
    monkeypatch.setattr(seal, "this_cluster", lambda using=seal.SEALER: "another")
    monkeypatch.setattr(adopt, "this_cluster", lambda using=seal.SEALER: "another")
    write(committed_db, 2, "after the move")
    with pytest.raises(Problem, match="another"):
        seal.seal("tests", [signer])
    adopt.adopt("tests", [signer])
    write(committed_db, 2, "after adopting")
    size = seal_all()
    assert tree.head().root == merkle.root(leaves_of(committed_db))
    assert rows(committed_db, "SELECT count(*), count(DISTINCT entry_id) FROM ledger_leaf") == [(size, size)]
    assert connections["default"].settings_dict["NAME"] == committed_db.name
