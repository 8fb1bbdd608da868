"""Sums that a process remembers up to a seal, and the postings behind that seal, read each time.

What is sealed never changes, so a sum over the leaves under one root is true for good; only what came after is asked
for. The root is looked up again with each question: a memory of another record than the one that answers is not used.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries import moment, prepared

MOST_ROWS = 200_000  # remembered by a process: some 50 MB
_IDLE_SECONDS = 5
_MOST_LEAVES = 2_000  # behind the seal that a sum is remembered up to; beyond them it is read anew, from the blocks

_TAIL = f"""
SELECT far.sealed, last.root, CASE WHEN %(best)s::bigint IS NULL THEN coalesce(ledger_position_at(%(as_of)s), 0)
    ELSE greatest(%(best)s, (SELECT max(e.id) FROM public.ledger_entry e WHERE e.recorded_at <= %(as_of)s AND e.id IN (
        SELECT ledger_entries_of(start.size, far.sealed)
        UNION ALL SELECT ledger_unsealed(far.after_xid, far.after_entry, far.above)))) END, start.size, tail.*
FROM ledger_rolled() AS far JOIN public.ledger_seal AS last ON last.size = far.sealed
LEFT JOIN public.ledger_seal AS start ON start.size = %(size)s AND start.root = %(root)s
    AND far.sealed <= %(size)s + {_MOST_LEAVES}
LEFT JOIN LATERAL ledger_tail(start.size, far.sealed, far.after_xid, far.after_entry, far.above, %(as_of)s) AS tail
    ON true
"""
# The newest seal, and the newest moment of what it covers. No row where no seal can be counted from.
_FAR = """
SELECT far.sealed, last.root, greatest(
    (SELECT max(b.latest) FROM ledger_blocks_at('infinity') AS whole
        JOIN public.ledger_block b ON b.level = whole.level AND b.number = whole.number),
    (SELECT max(e.recorded_at) FROM ledger_entries_of(far.rolled, far.sealed) AS l (id)
        JOIN public.ledger_entry e ON e.id = l.id))
FROM ledger_rolled() AS far JOIN public.ledger_seal AS last ON last.size = far.sealed
"""


class Balance(NamedTuple):
    """What `postings` of one cause come to; `amount` in minor units of `currency`, which is empty for no money."""

    place: str
    period: date
    unit: str
    cause: str
    currency: str
    amount: int
    postings: int


class Known(NamedTuple):
    """`position` is the newest entry that was known at the moment; 0 before the first."""

    position: int
    balances: tuple[Balance, ...]


Cell = tuple[str, date, str, str, str]  # place, period, unit, cause, currency
Cells = dict[Cell, tuple[int, int]]  # → amount, postings


class Question(NamedTuple):
    """What a sum is over; None is no bound. `as_known`: by the month in which value was true."""

    book: str
    places: tuple[str, ...]
    since: date | None
    until: date | None
    units: tuple[str, ...] | None
    as_known: bool = False

    def covers(self, period: date) -> bool:
        return (self.since is None or period >= self.since) and (self.until is None or period < self.until)


class _Posting(NamedTuple):
    """One posting of a leaf, or a sum of some that have no leaf yet and so no moment."""

    leaf: int | None
    at: datetime | None
    book: str
    place: str
    period: date
    relates_to: date | None
    unit: str
    cause: str
    currency: str
    amount: int
    postings: int

    def cell(self, asked: Question) -> Cell | None:
        """Where it counts in the answer; None where it does not."""
        if self.book != asked.book or self.place not in asked.places:
            return None
        if asked.units is not None and self.unit not in asked.units:
            return None
        period = (self.relates_to or self.period) if asked.as_known else self.period
        return (self.place, period, self.unit, self.cause, self.currency) if asked.covers(period) else None


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The answer over the first `size` leaves, whose tree has this root. All of them are of `latest` or before."""

    size: int
    root: bytes
    latest: datetime
    balances: tuple[Balance, ...]
    position: int | None = None  # of a moment of the past: the newest entry that was known then, unless one is behind


@dataclass(frozen=True, slots=True)
class _Tail:
    """What stands behind a seal at one moment, in one snapshot."""

    seals: tuple[tuple[int, bytes], tuple[int, bytes]]  # that it begins at, and that its leaves go up to
    as_of: datetime
    snapshot: object | None
    position: int
    postings: tuple[_Posting, ...]


class _Memory:
    """The sums that were asked for last, by question and moment; the moment is None for the present."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: OrderedDict[tuple[Question, datetime | None], _Sealed] = OrderedDict()
        self._rows = 0
        self._idle_until = 0.0

    def idle(self) -> None:
        """Nothing can be remembered of a record without a block and a seal; that is asked again after a while."""
        self._idle_until = time.monotonic() + _IDLE_SECONDS

    def is_idle(self) -> bool:
        return time.monotonic() < self._idle_until

    def find(self, asked: Question, as_of: datetime | None) -> _Sealed | None:
        with self._lock:
            found = self._sums.get((asked, as_of))
            if found is not None:
                self._sums.move_to_end((asked, as_of))
            return found

    def keep(self, asked: Question, as_of: datetime | None, found: _Sealed) -> None:
        with self._lock:
            self._forget(self._sums.pop((asked, as_of), None))
            self._sums[asked, as_of] = found
            self._rows += 1 + len(found.balances)
            while self._rows > MOST_ROWS:
                self._forget(self._sums.popitem(last=False)[1])

    def _forget(self, was: _Sealed | None) -> None:
        self._rows -= 0 if was is None else 1 + len(was.balances)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page or answer has read of the record so far: tails, and by moment which entries were known."""

    tails: list[_Tail] = field(default_factory=list)
    known: dict[datetime | None, Any] = field(default_factory=dict)


_memory = _Memory()
_together: ContextVar[Reading | None] = ContextVar("together", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Sums inside are of one reading of the tail wherever they can be, so that they fit each other and ask once."""
    if _together.get() is not None:
        yield
        return
    token = _together.set(Reading())
    try:
        yield
    finally:
        _together.reset(token)


def reading() -> Reading | None:
    """That of the page or answer which is being made; None outside of one."""
    return _together.get()


def written() -> None:
    """An entry was written: what is read from here on may know of it."""
    shared = _together.get()
    if shared is not None:
        shared.known.clear()


def known(asked: Question, as_of: datetime, read: Callable[[], Known]) -> Known:
    """The answer at a moment; `read` gives it without a memory."""
    when: datetime | None = None
    found = _memory.find(asked, when)
    if found is None or found.latest > as_of:
        when = as_of
        found = _memory.find(asked, when)
    tail = None if found is None else _tail(found, as_of)
    if found is None or tail is None:
        return _anew(asked, as_of, read)
    answer, sealed = _behind(asked, found, tail, as_of)
    if sealed is not None and (when is not None or sealed.latest <= as_of):
        _memory.keep(asked, when, sealed)
    return Known(tail.position, answer)


def _behind(
    asked: Question, found: _Sealed, tail: _Tail, as_of: datetime
) -> tuple[tuple[Balance, ...], _Sealed | None]:
    """(the answer, what to remember in place of `found`)."""
    sealed: Cells = {}
    unsealed: Cells = {}
    latest = found.latest
    for one in tail.postings:
        if one.leaf is not None and one.leaf < found.size:
            continue
        cell = one.cell(asked)
        if cell is None:
            continue
        if one.at is not None and one.at > as_of:
            latest = max(latest, one.at)
        else:
            latest = max(latest, one.at or latest)
            _add(unsealed if one.leaf is None else sealed, cell, one.amount, one.postings)
    size, root = tail.seals[1]
    balances = _summed(found.balances, sealed) if sealed else found.balances
    further = replace(found, size=size, root=root, latest=latest, balances=balances) if size > found.size else None
    return (_summed(balances, unsealed) if unsealed else balances), further


def _tail(found: _Sealed, as_of: datetime) -> _Tail | None:
    """What stands behind the seal of a memory; None where the record has no such seal, or it lies too far behind."""
    shared = _together.get()
    for tail in shared.tails if shared is not None else ():
        fits = tail.as_of == as_of and tail.snapshot is moment.snapshot()
        if fits and (found.size, found.root) in tail.seals:
            return tail
    rows = prepared.rows(_TAIL, {"as_of": as_of, "size": found.size, "root": found.root, "best": found.position})
    if not rows or rows[0][3] is None:
        return None
    size, root, position, start, *_ = rows[0]
    postings = tuple(_Posting(*row[4:]) for row in rows if row[6] is not None)
    tail = _Tail(((start, found.root), (size, bytes(root))), as_of, moment.snapshot(), position, postings)
    if shared is not None:
        shared.tails.append(tail)
    return tail


def _anew(asked: Question, as_of: datetime, read: Callable[[], Known]) -> Known:
    """The answer from the blocks, remembered without what is not sealed yet: both are read from one snapshot."""
    if _memory.is_idle() or (connection.in_atomic_block and moment.snapshot() is None):
        return read()  # within a transaction that writes, each statement sees another state
    with moment.one_snapshot():
        answer = read()
        with connection.cursor() as cursor:
            cursor.execute(_FAR)
            far = cursor.fetchone()
        if far is None:
            _memory.idle()
            return answer
        size, root, latest = far
        position = answer.position if latest > as_of else None
        sealed = _Sealed(size, bytes(root), min(latest, as_of), answer.balances, position)
        tail = _tail(sealed, as_of)
    if tail is None:
        return answer
    less: Cells = {}
    for one in tail.postings:
        if one.leaf is None and (cell := one.cell(asked)) is not None:
            _add(less, cell, -one.amount, -one.postings)
    _memory.keep(asked, None if latest <= as_of else as_of, replace(sealed, balances=_summed(answer.balances, less)))
    return answer


def _add(cells: Cells, cell: Cell, amount: int, postings: int) -> None:
    was = cells.get(cell, (0, 0))
    cells[cell] = was[0] + amount, was[1] + postings


def _summed(balances: tuple[Balance, ...], more: Cells) -> tuple[Balance, ...]:
    cells: Cells = {
        (one.place, one.period, one.unit, one.cause, one.currency): (one.amount, one.postings) for one in balances
    }
    for cell, (amount, postings) in more.items():
        _add(cells, cell, amount, postings)
    return in_order(Balance(*cell, *sums) for cell, sums in cells.items() if sums != (0, 0))


def in_order(balances: Iterator[Balance] | tuple[Balance, ...]) -> tuple[Balance, ...]:
    """By unit, period, place, cause and currency, whatever the locale."""
    return tuple(sorted(balances, key=lambda row: (row.unit, row.period, row.place, row.cause, row.currency)))
