"""What is remembered is what would be read: which entries are known is told apart at every moment, and asked each time.

Seen to fail, each change made in sql/known.sql: entries of the block that a moment cuts all counted, entries that are
not sealed left out, the newest entry of all in place of the newest known.
"""

import threading
from itertools import count
from random import Random

import pytest
from django.db import connection, transaction

from ledger.queries import moment
from ledger.queries.remembered import remembered, rows
from tests.ledger.sealing.histories import write
from tests.ledger.sealing.test_balances import forget, jump, roll
from tests.ledger.sealing.writing import entry, insert

_COUNT = "SELECT count(*) FROM ledger_entry WHERE recorded_at <= %(until)s"


_numbers = count()  # streams of a database that all tests here share


def asked(question, *values):
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall()


@pytest.fixture
def written(committed_db, seal_all, signer):
    """Entries whose moments run across each other; some blocks, a tail, and some that are not sealed."""
    chance = Random("known")
    with committed_db.app() as writer:
        for nth in range(6):
            write(writer, chance, f"run-{next(_numbers)}", chance.randint(5, 20))
            writer.commit()
            seal_all() if nth < 5 else None
            roll(committed_db, 5, most=chance.choice((1, 1000))) if nth < 4 else None
    return committed_db


def test_entries_are_counted_as_they_were_known_at_every_moment(written):
    every = [row[0] for row in asked("SELECT recorded_at FROM ledger_entry ORDER BY recorded_at")]
    assert asked("SELECT count(*) > 1 FROM ledger_block") == [(True,)]
    for one in every:
        newest = asked("SELECT hash FROM ledger_entry WHERE recorded_at <= %s ORDER BY id DESC LIMIT 1", one)
        assert asked("SELECT * FROM ledger_known(%s)", one) == [(sum(at <= one for at in every), *newest[0])]
    newest = asked("SELECT hash FROM ledger_entry ORDER BY id DESC LIMIT 1")
    assert asked("SELECT * FROM ledger_known(NULL)") == [(len(every), *newest[0])]


def test_it_is_read_once_and_anew_with_the_next_entry(written):
    reads = []

    def read():
        reads.append(asked("SELECT count(*) FROM ledger_entry")[0][0])
        return reads[-1]

    first = remembered("all", read)
    assert remembered("all", read) == first and len(reads) == 1
    assert remembered("others", read) == first and len(reads) == 2
    with written.app() as writer:
        write(writer, Random(1), f"one-{next(_numbers)}", 1)
        assert remembered("all", read) == first and len(reads) == 2  # not committed
        writer.commit()
    assert remembered("all", read) == first + 1 and len(reads) == 3


def test_a_past_moment_stays_remembered_while_others_write(written):
    jump(written, 1)  # what is written from now on is later than all that is there
    before, half = (
        row[0] for row in asked("SELECT recorded_at FROM ledger_entry ORDER BY recorded_at LIMIT 2 OFFSET 9")
    )
    assert rows(_COUNT, {"until": half}, until="until") == ((11,),)
    assert rows(_COUNT, {"until": before}, until="until") == ((10,),)
    reads = []
    remembered("half", lambda: reads.append(1), half)
    with written.app() as writer:
        insert(writer, entry(f"import/more-{next(_numbers)}", at=moment.today()))
        writer.commit()
    remembered("half", lambda: reads.append(1), half)
    assert len(reads) == 1
    with moment.known_at(half):
        remembered("half", lambda: reads.append(1))
        remembered("half", lambda: reads.append(1))
    assert len(reads) == 2  # the past has tables of its own


_LOOKED = """
SELECT current_setting('ledger.newest')::bigint, current_setting('ledger.whole')::bigint,
    (SELECT count(*) FROM public.ledger_entry WHERE id <= current_setting('ledger.whole')::bigint AND recorded_at > %s)
"""


def test_looking_back_again_finds_what_looking_back_anew_does(written, seal_all):
    """Seen to fail: the moments of what is behind the seal not looked at."""
    chance, again = Random("again"), 0
    moments = [row[0] for row in asked("SELECT recorded_at FROM ledger_entry ORDER BY recorded_at")]
    with written.app() as late, written.app() as writer:
        for nth in range(25):
            write(late if nth % 5 == 2 else writer, chance, f"again-{next(_numbers)}", chance.randint(1, 3))
            writer.commit()
            if nth % 5 == 4:
                late.commit()
                seal_all()
                jump(written, chance.choice((0, 2)))
            for at in chance.sample(moments, 6):
                was = moment._memory.find(at)
                with moment.known_at(at):
                    found = moment.found()
                    newest, whole, later = asked(_LOOKED, at)[0]
                    again += was is not None and found.size is not None and found[2:] == was[2:]
                    assert [(found.entries, found.head)] == [
                        (entries, bytes(head)) for entries, head in asked("SELECT * FROM ledger_known(%s)", at)
                    ]
                    assert (found.newest, found.whole, later) == (newest, whole, 0)
                    asked("SELECT public.ledger_look_back(%s)", at)
                    anew, up_to, _ = asked(_LOOKED, at)[0]
                    between = "SELECT count(*) FROM public.ledger_entry WHERE id > %s AND id <= %s"
                    assert newest == anew and asked(between, whole, up_to) == [(0,)]
    assert again > 20


def test_within_a_transaction_that_writes_everything_is_read(written):
    reads = []
    remembered("inside", lambda: reads.append(1))
    with transaction.atomic():
        remembered("inside", lambda: reads.append(1))
    assert len(reads) == 2


def test_without_blocks_everything_is_read(written):
    forget(written)
    reads = []
    remembered("none", lambda: reads.append(1))
    remembered("none", lambda: reads.append(1))
    assert len(reads) == 2


def test_threads_that_ask_the_same_wait_for_the_first(written):
    reads, found, begun = [], [], threading.Barrier(4)

    def read():
        reads.append(1)
        asked("SELECT pg_sleep(0.3)")
        return len(reads)

    def ask():
        begun.wait()
        found.append(remembered("together", read))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(reads)) == ([1, 1, 1, 1], 1)
