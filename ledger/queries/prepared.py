"""Statements whose plan a connection keeps: what is asked in every request is planned once, not in every request.

PostgreSQL plans a text anew each time it comes. For a read of one row by its key that takes several times as long as
the read itself. A kept plan follows the tables: the server makes a new one when they change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from ledger.queries import moment

_PLACE = re.compile(r"%(?:\((\w+)\))?s|%%")
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # connection of the driver → names it has planned
_as_text: ContextVar[bool] = ContextVar("as_text", default=False)


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
    cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(given))})" if given else f"EXECUTE {name}", given)


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
