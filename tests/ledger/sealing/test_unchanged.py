"""An answer is remembered until the next entry that belongs to it, and no longer.

Seen to fail, each change made in ledger/queries/unchanged.py: what is behind the seal not looked for, the moment of the
past not asked for with it, an answer kept although something was not sealed.
"""

import random
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ledger.queries import moment, unchanged
from tests.ledger.sealing import histories
from tests.ledger.sealing.test_balances import roll


@pytest.fixture
def count(monkeypatch):
    """Entries known at a moment, and how often they were really counted."""
    monkeypatch.setattr(unchanged, "_answers", type(unchanged._answers)())
    read = []

    def ask(as_of, *, past):
        def look():
            read.append(as_of)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM ledger_entry WHERE recorded_at <= %s OR NOT %s", [as_of, past])
                return cursor.fetchone()[0]

        return unchanged.answer("entries", as_of, look, past=past), len(read)

    return ask


def test_the_present_is_read_again_after_each_entry(committed_db, sealer, signer, seal_all, count):
    chance = random.Random("present")
    with committed_db.app() as app:
        histories.write(app, chance, "first", 20)
        app.commit()
        seal_all()
        roll(committed_db, 5)
        later = moment.today() + timedelta(seconds=9)
        found, times = count(later, past=False)
        assert count(later + timedelta(seconds=1), past=False) == (found, times)
        histories.write(app, chance, "second", 3)
        assert count(later, past=False) == (found, times)  # not committed
        app.commit()
        assert count(later, past=False) == (found + 3, times + 1)
        assert count(later, past=False) == (found + 3, times + 2)  # not sealed, so not remembered
        seal_all()
        assert count(later, past=False) == (found + 3, times + 3)
        assert count(later, past=False) == (found + 3, times + 3)
        with transaction.atomic():
            assert count(later, past=False) == (found + 3, times + 4)  # this transaction may have written


def test_the_past_is_read_again_only_for_what_belongs_to_it(committed_db, sealer, signer, seal_all, count):
    chance = random.Random("past")
    with committed_db.app() as app:
        histories.write(app, chance, "old", 20)
        app.commit()
        seal_all()
        roll(committed_db, 5)
        early = moment.today() - timedelta(days=1)
        now = moment.today()
        before, between = count(early, past=True), count(now, past=True)
        histories.write(app, chance, "new", 20)  # some of them seconds before now
        app.commit()
        assert count(early, past=True) == (before[0], between[1])
        found, times = count(now, past=True)
        assert found > between[0] and times == between[1] + 1
