"""Looking back: inside `known_at`, every query of the product reads what was known at a moment, and nothing is written.

The moment is searched in the database itself: the schema `ledger_past` has a view for each protected table, and
`ledger_now()` answers with the moment. So a query is written once, for now, and there is no second one for the past.
What must be asked of today all the same, who may see what, names its schema: `public.pipeline_dealstate`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from ledger.rules import moments

SLACK = timedelta(seconds=5)  # by which an entry's moment and the clock may differ
MOST = 2_000  # moments of which a process remembers what was found
_LOOK = "SELECT * FROM public.ledger_look_again(%s, %s, %s, %s, %s, %s, %s)"


class Found(NamedTuple):
    """What looking back at a moment found, as of the seal of `size` and `root`; see sql/look_again.sql.

    `entries` were known, None where that is not counted; the hash of the newest of them is `head`.
    """

    size: int | None
    root: bytes | None
    entries: int | None
    head: bytes | None
    whole: int
    newest: int


class _Memory:
    """What was found at the moments that were looked at last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[datetime, Found] = OrderedDict()

    def find(self, at: datetime) -> Found | None:
        with self._lock:
            if at in self._found:
                self._found.move_to_end(at)
            return self._found.get(at)

    def keep(self, at: datetime, found: Found) -> None:
        with self._lock:
            self._found[at] = found
            self._found.move_to_end(at)
            if len(self._found) > MOST:
                self._found.popitem(last=False)


_memory = _Memory()
_found: ContextVar[Found | None] = ContextVar("found", default=None)
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_snapshot: ContextVar[object | None] = ContextVar("snapshot", default=None)


def past() -> datetime | None:
    """The moment that is being read; None for now."""
    return _moment.get()


def snapshot() -> object | None:
    """What tells the snapshot that all statements read from apart from any other; None where each reads its own."""
    return _snapshot.get()


def found() -> Found | None:
    """What is known of the moment that is being read; None for now."""
    return _found.get()


def today() -> datetime:
    """The product's clock, also while the past is read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.ledger_now()")
        now: datetime = cursor.fetchone()[0]
    return now


def check(moment: datetime) -> None:
    """Refuses what is still to come; within seconds of now it is the writers' clock that may be ahead."""
    now = today()
    if moment > now + SLACK:
        moments.check_past(moment, now)


@contextmanager
def known_at(moment: datetime) -> Iterator[None]:
    """Reads inside are of one snapshot, as it was known at `moment`."""
    whole = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION {'ISOLATION LEVEL REPEATABLE READ, ' if whole else ''}READ ONLY")
        seen = _look_back(cursor, moment)
        cursor.execute("SET LOCAL search_path = ledger_past, public")
        before, one = _moment.set(moment), _snapshot.set(object() if whole else _snapshot.get())
        known = _found.set(seen)
        try:
            yield
        finally:
            _found.reset(known)
            _snapshot.reset(one)
            _moment.reset(before)
            transaction.set_rollback(
                True
            )  # nothing was written; this also ends the settings inside a wider transaction


def _look_back(cursor: Any, moment: datetime) -> Found:
    was = _memory.find(moment)
    cursor.execute(_LOOK, [moment, *(was or (None,) * len(Found._fields))])
    size, root, entries, head, *ids = cursor.fetchone()
    seen = Found(size, root and bytes(root), entries, head and bytes(head), *ids)
    if size is not None:
        _memory.keep(moment, seen)
    return seen


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Statements inside see one state of the record, so that their sums fit each other while others write."""
    if connection.in_atomic_block:
        yield  # of a moment of the past, which has its snapshot; or of a caller that writes, and sees what it wrote
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        one = _snapshot.set(object())
        try:
            yield
        finally:
            _snapshot.reset(one)
