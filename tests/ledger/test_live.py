"""The mark of the record changes with every commit, also when an older id commits late."""

import threading

from django.db import connection, transaction

from ledger.commands.append import Draft, append, lock
from ledger.queries import live
from ledger.rules.actor import SYSTEM

BODY = {"currency": "EUR", "day": "2026-11-01", "rate": "1.1"}


def test_the_mark_moves_with_each_entry(db):
    before = live.now()
    append(
        lock("rate/EUR"), Draft("rate.published", {"currency": "EUR", "day": "2026-11-01", "rate": "1.1"}), by=SYSTEM
    )
    after = live.now()
    assert after.position > before.position and str(after) != str(before)


def test_a_late_commit_of_an_older_id_moves_the_mark_too(committed_db):
    written, go = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            append(lock("rate/EUR"), Draft("rate.published", BODY), by=SYSTEM)
            written.set()
            go.wait(30)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    assert written.wait(30)
    with transaction.atomic():
        append(lock("rate/GBP"), Draft("rate.published", {**BODY, "currency": "GBP"}), by=SYSTEM)
    early = live.now()
    go.set()
    thread.join()
    assert live.now().position == early.position and live.now() != early
