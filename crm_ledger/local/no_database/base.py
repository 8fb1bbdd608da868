"""Stands in for the database when none is known: everything loads, and the first query says how to mend it."""

from typing import Any

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.utils import OperationalError


class NoDatabase(OperationalError):
    pass


class DatabaseWrapper(PostgresWrapper):
    def get_new_connection(self, conn_params: Any) -> Any:
        raise NoDatabase("No database is known: start the product with `make run`, or set DATABASE_URL.")
