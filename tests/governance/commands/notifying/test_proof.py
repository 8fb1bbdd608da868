"""An attempt is proof: it never changes and never goes, but for words of a receiver that hold a person."""

import pytest
from django.db import Error, connection, transaction

from governance.commands.notifying import telling
from governance.models import Attempt
from tests.governance.commands.notifying.conftest import run
from tests.governance.commands.notifying.test_sending import daytime  # noqa: F401


@pytest.fixture
def attempt(company, daytime):  # noqa: F811
    telling.notify("alert/1", 0, [company.person("rep").pk], "Late", "/")
    assert run() == 1
    return Attempt.objects.get()


@pytest.mark.parametrize(
    "change",
    ["UPDATE governance_attempt SET result = 'delivered'", "UPDATE governance_attempt SET status = 200",
     "UPDATE governance_attempt SET detail = 'it was all well'", "DELETE FROM governance_attempt"],
)  # fmt: skip
def test_it_stays_even_for_the_owner(attempt, company_database, change):
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    with company_database.owner() as owner, owner.cursor() as cursor:
        cursor.execute("INSERT INTO governance_receiver (key, not_before, leased_until, turn, failures, said)"
                       " VALUES ('x', now(), now(), 0, 0, '') RETURNING key")  # fmt: skip
        cursor.execute("INSERT INTO governance_delivery"
                       " (message, receiver_id, sort, state, attempts, created_at, due_at)"
                       " VALUES (gen_random_uuid(), 'x', 'test', 'waiting', 1, now(), now()) RETURNING id")  # fmt: skip
        cursor.execute("INSERT INTO governance_attempt (delivery_id, number, at, result, detail, milliseconds, sha256)"
                       " VALUES (%s, 1, now(), 'trouble', 'no', 0, '')", [cursor.fetchone()[0]])  # fmt: skip
        with pytest.raises(Exception, match="append-only"):
            cursor.execute(change)


def test_words_of_a_receiver_can_be_erased(attempt):
    Attempt.objects.update(detail="")
    assert Attempt.objects.get().detail == ""
