"""Statements whose plan a connection keeps: what is asked in every request is planned once, not in every request.

PostgreSQL plans a text anew each time it comes. For a read of one row by its key that takes several times as long as
the read itself. A kept plan follows the tables: the server makes a new one when they change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections

from ledger.queries import moment

_PLACE = re.compile(r"%(?:\((\w+)\))?s|%%")
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # connection of the driver → names it has planned
_as_text: ContextVar[bool] = ContextVar("as_text", default=False)


def rows(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """The rows of a kept statement: `execute` with a cursor of its own, past Django's layers around one.

    A request asks a few times, and those layers cost as much as the driver. Who listens to what is asked still hears.
    """
    db: Any = connections[DEFAULT_DB_ALIAS]
    if db.execute_wrappers or db.queries_logged or _as_text.get() or moment.past() is not None:
        with db.cursor() as cursor:
            execute(cursor, sql, values)
            return cursor.fetchall()
    name, plan, order = _named(sql)
    given = [values[key] for key in order] if isinstance(values, Mapping) else values
    # As Django's own cursor: looked at once a request, opened where it is closed, and not used past a fault.
    db.close_if_health_check_failed()
    db.ensure_connection()
    db.validate_no_broken_transaction()
    driver = db.connection
    planned = _planned.setdefault(driver, set())
    with db.wrap_database_errors, driver.cursor() as own:
        own.tzinfo_factory = db.tzinfo_factory
        if name not in planned:
            own.execute(plan)
            planned.add(name)
        own.execute(_call(name, len(given)), given or None)
        found: list[Any] = own.fetchall()
    return found


def row(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> Any:
    """The first of `rows`; None where there is none."""
    found = rows(sql, values)
    return found[0] if found else None


def execute(cursor: Any, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> None:
    """As `cursor.execute`. `sql` is one of few texts: each stays with its connection for good.

    The past has tables of its own and is read as a text.
    """
    if _as_text.get() or moment.past() is not None:
        cursor.execute(sql, values)
        return
    name, plan, order = _named(sql)
    driver = cursor.db.connection
    planned = _planned.setdefault(driver, set())
    if name not in planned:
        with cursor.db.wrap_database_errors, driver.cursor() as own:
            own.execute(plan)
        planned.add(name)
    given = [values[key] for key in order] if isinstance(values, Mapping) else list(values)
    cursor.execute(_call(name, len(given)), given)


@cache
def _call(name: str, values: int) -> str:
    return f"EXECUTE {name} ({', '.join(['%s'] * values)})" if values else f"EXECUTE {name}"


@contextmanager
def as_text() -> Iterator[None]:
    """Inside, every statement goes over the wire as it is written: for who listens to what is asked."""
    token = _as_text.set(True)
    try:
        yield
    finally:
        _as_text.reset(token)


@lru_cache(maxsize=256)
def _named(sql: str) -> tuple[str, str, tuple[str, ...]]:
    """The name of a text, what plans it, and the names of its values in their order."""
    order: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] is None or found[1] not in order:
            order.append(found[1] or str(len(order)))
            return f"${len(order)}"
        return f"${order.index(found[1]) + 1}"

    name = f"kept_{sha256(sql.encode()).hexdigest()[:16]}"
    return name, f"PREPARE {name} AS {_PLACE.sub(place, sql)}", tuple(order)
