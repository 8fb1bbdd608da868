"""A connection that the server has closed is replaced before the next request uses it."""

from django.db import connection


def test_a_healthy_connection_is_not_asked(db, django_assert_num_queries):
    connection.ensure_connection()
    with django_assert_num_queries(0):
        assert connection.is_usable()


def test_a_connection_that_the_server_closed_is_replaced(committed_db):
    """A request begins with the check, because of CONN_HEALTH_CHECKS."""
    first = _backend()
    with committed_db.superuser() as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
        other.commit()
    assert not connection.is_usable()
    connection.health_check_done = False
    assert _backend() != first


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
