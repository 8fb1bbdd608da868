"""Statements whose plan the connection keeps answer as the text itself does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.queries import moment, prepared

pytestmark = pytest.mark.usefixtures("db")


def by_cursor(sql, values):
    with connection.cursor() as cursor:
        prepared.execute(cursor, sql, values)
        return cursor.fetchall()


@pytest.fixture(params=[prepared.rows, by_cursor], ids=["rows", "cursor"])
def ask(request):
    return request.param


def kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE starts_with(name, 'kept_')")
        return cursor.fetchone()[0]


def test_values_take_their_places(ask):
    assert ask("SELECT %s::int - %s::int", [5, 3]) == [(2,)]
    named = "SELECT %(a)s::text || %(b)s || %(a)s || '%%'"
    assert ask(named, {"b": "-", "a": "x", "unused": None}) == [("x-x%",)]
    assert ask("SELECT 1", []) == [(1,)]
    assert ask("SELECT %s::bigint[], %s::text", [[1, 2], None]) == [([1, 2], None)]
    assert ask("SELECT %s::bigint[]", [[]]) == [([],)]


def test_a_text_is_planned_once(ask):
    before, text = (
        kept(),
        f"SELECT %s::bigint + 7 AS {ask.__name__}",
    )  # the other way may have planned on this connection
    for number in range(3):
        assert ask(text, [number]) == [(number + 7,)]
    assert kept() == before + 1


def test_planning_is_no_query_of_the_request(ask):
    with CaptureQueriesContext(connection) as queries:
        ask("SELECT %s::bigint + 8", [1])
        ask("SELECT %s::bigint + 8", [1])
    assert len(queries) == 2


def test_a_new_connection_plans_for_itself(ask):
    ask("SELECT %s::bigint + 9", [1])
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            prepared.execute(cursor, "SELECT %s::bigint + 9", [2])
            assert cursor.fetchall() == [(11,)]
    finally:
        other.close()


def test_it_outlives_what_is_rolled_back(ask):
    with transaction.atomic():
        ask("SELECT %s::bigint + 10", [1])
        transaction.set_rollback(True)
    assert ask("SELECT %s::bigint + 10", [1]) == [(11,)]


def test_a_wrong_text_raises_what_django_raises(ask):
    with pytest.raises(ProgrammingError), transaction.atomic():
        ask("SELECT nothing FROM nowhere WHERE id = %s", [1])
    assert ask("SELECT %s::int", [1]) == [(1,)]


def test_the_past_and_who_listens_get_the_text_itself(ask):
    sql = "SELECT %s::bigint + 11"
    with moment.known_at(datetime.now(UTC) - timedelta(minutes=1)), CaptureQueriesContext(connection) as queries:
        ask(sql, [1])
    assert "SELECT 1::bigint + 11" in [query["sql"] for query in queries]
    with prepared.as_text(), CaptureQueriesContext(connection) as queries:
        ask(sql, [1])
    assert [query["sql"] for query in queries] == ["SELECT 1::bigint + 11"]


def test_nothing_is_asked_past_a_fault():
    """As Django's own cursors: a transaction that has to end takes no more statements."""
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            prepared.rows("SELECT %s::int", [1])


def test_a_moment_comes_in_the_zone_of_the_product():
    ((moment_of, nothing),) = prepared.rows("SELECT %s::timestamptz, NULL", [datetime(2026, 1, 2, tzinfo=UTC)])
    assert (moment_of, moment_of.tzinfo, nothing) == (datetime(2026, 1, 2, tzinfo=UTC), UTC, None)
    assert prepared.row("SELECT 1 WHERE false", []) is None
