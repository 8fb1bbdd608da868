"""Answers that a process remembers for as long as the entries that they were read from are the same.

The record only grows, so how many entries are known, with the newest of them, tells which ones. Who asks looks that up
each time, and reads anew as soon as one entry more is there: what is remembered is never out of date.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.db import connection

from ledger.queries import moment, prepared, sealed_sums

T = TypeVar("T")
MOST = 512  # answers of a process; a few hundred rows at most in each

_STATE = """
SELECT current_setting('transaction_isolation') = 'repeatable read', known.* FROM ledger_known(%s::timestamptz) AS known
"""
_NOTHING = object()
# What the last snapshot of this thread knew at a moment: asked for once in a snapshot.
_seen: ContextVar[tuple[object, datetime | None, Any] | None] = ContextVar("seen", default=None)


class _Key(NamedTuple):
    asked: Hashable
    past: bool
    entries: int
    newest: bytes


class _Memory:
    """The answers that were asked for last. Threads that ask for the same one wait for the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[_Key, Any] = OrderedDict()
        self._under_way: dict[Hashable, threading.Lock] = {}

    def find(self, key: _Key) -> Any:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key, _NOTHING)

    def keep(self, key: _Key, answer: Any) -> None:
        with self._lock:
            self._answers[key] = answer
            if len(self._answers) > MOST:
                self._answers.popitem(last=False)

    @contextmanager
    def alone(self, asked: Hashable) -> Iterator[None]:
        with self._lock:
            lock = self._under_way.setdefault(asked, threading.Lock())
        try:
            with lock:
                yield
        finally:
            with self._lock:
                self._under_way.pop(asked, None)


_memory = _Memory()


def remembered(asked: Hashable, read: Callable[[], T], as_of: datetime | None = None) -> T:
    """The answer of `read`, which must depend on `asked` and on the entries known at `as_of` (None: at the moment that
    is being read) and on nothing else; nobody may change it, and it may hold nothing that can be erased. Read anew
    within a transaction that writes.
    """
    as_of = moment.past() or as_of
    key = _key(asked, as_of)
    if key is None:
        return read()
    found = _memory.find(key)
    if found is _NOTHING:
        with _memory.alone(key):
            found = _memory.find(key)
            if found is _NOTHING:
                found = _make(asked, read, as_of)
    answer: T = found
    return answer


def rows(query: str, said: Mapping[str, Any], until: str | None = None) -> tuple[tuple[Any, ...], ...]:
    """The rows of a query whose answer depends on its values and on the entries known, remembered.

    `until` names the value that is the moment itself: it says nothing more than which entries are known by then.
    """

    def read() -> tuple[tuple[Any, ...], ...]:
        with connection.cursor() as cursor:
            cursor.execute(query, said)
            return tuple(cursor.fetchall())

    values = tuple(
        (name, tuple(value) if isinstance(value, list) else value) for name, value in said.items() if name != until
    )
    return remembered((query, values), read, said[until] if until else None)


def _make(asked: Hashable, read: Callable[[], T], as_of: datetime | None) -> T:
    with moment.one_snapshot():
        key = _key(asked, as_of)  # of the snapshot that the answer is read from
        answer = read()
    if key is not None:
        _memory.keep(key, answer)
    return answer


def _key(asked: Hashable, as_of: datetime | None) -> _Key | None:
    """None where nothing is remembered: in a transaction whose statements each see another state, or its own."""
    snapshot = moment.snapshot()
    if connection.in_atomic_block and snapshot is None:
        return None
    looked = moment.found()
    if looked is not None and as_of == moment.past():
        if looked.entries is None:
            return None
        return _Key(asked, True, looked.entries, looked.head or b"")
    if snapshot is None:
        # What a page knew when it first asked: an answer is of then, or of a moment since.
        page = sealed_sums.reading()
        known = page.known if page is not None else {}
        if as_of not in known:
            known[as_of] = prepared.row(_STATE, [as_of])
        row = known[as_of]
    else:
        seen = _seen.get()
        row = seen[2] if seen is not None and seen[:2] == (snapshot, as_of) else prepared.row(_STATE, [as_of])
        _seen.set((snapshot, as_of, row))
    if row is None or (connection.in_atomic_block and not row[0]):
        return None
    return _Key(asked, moment.past() is not None, row[1], bytes(row[2] or b""))
