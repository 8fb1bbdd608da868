"""The last figure that this process showed of a scope: for the moment at which the record cannot be asked.

A stale figure says its age and its position; it is never blank and never zero.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from pipeline.queries.reading import Reading
from reporting.rules.periods import Period

MOST = 200
_lock = Lock()
_known: OrderedDict[tuple[Any, ...], Remembered] = OrderedDict()


class Remembered(NamedTuple):
    context: Mapping[str, Any]
    at: datetime


def keep(read: Reading, period: Period | None, context: Mapping[str, Any]) -> None:
    """What the past says does not grow old, so it is not kept."""
    if read.past:
        return
    with _lock:
        _known[_scope(read, period)] = Remembered(dict(context), read.now)
        _known.move_to_end(_scope(read, period))
        while len(_known) > MOST:
            _known.popitem(last=False)


def last(read: Reading, period: Period | None) -> Remembered | None:
    with _lock:
        return _known.get(_scope(read, period))


def _scope(read: Reading, period: Period | None) -> tuple[Any, ...]:
    """Who sees the same units sees the same number."""
    return read.visible, period and (period.first, period.until), read.company.currency
