"""Sums over the present state of deals that a process remembers: what each deal adds, as of a seal.

State moves only by entries. So whatever a deal adds now is what it added at the seal, unless an entry behind the seal
is about it: those deals alone are read again. What is remembered is of one record, told by its root (sealed_sums.py).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from ledger.queries import moment, prepared

MOST_DEALS = 250_000  # remembered by one of these sums: some 60 MB; beyond them it is read anew each time
MOST_ASKED = 100_000  # deals remembered for all that was asked by scope, the newest questions first
_MOST_LEAVES = 2_000  # behind the seal, before all is read anew
_WHOLE = """
SELECT far.sealed, last.root, adds.* FROM (SELECT) AS one
LEFT JOIN (ledger_rolled() AS far JOIN ledger_seal AS last ON last.size = far.sealed) ON true
LEFT JOIN ({adds}) AS adds ON true
"""
_TOUCHED = f"""
WITH far AS MATERIALIZED (
    SELECT far.*, last.root, start.size AS start FROM ledger_rolled() AS far
    JOIN ledger_seal AS last ON last.size = far.sealed
    JOIN ledger_seal AS start ON start.size = %(size)s AND start.root = %(root)s
        AND far.sealed <= %(size)s + {_MOST_LEAVES}
), touched AS MATERIALIZED (
    SELECT t.id FROM far, ledger_touched(far.start, far.sealed, far.after_xid, far.after_entry, far.above) AS t (id)
)
SELECT far.sealed, far.root, ARRAY(SELECT id FROM touched), adds.* FROM far LEFT JOIN ({{adds}}) AS adds ON true
"""
_SOME = "AND s.deal_id = ANY (ARRAY(SELECT id FROM touched))"

Group = tuple[Any, ...]
Key = tuple[Any, ...]
Sums = dict[Key, tuple[int, int]]  # → (amount, how many rows come to it)
Rows = tuple[tuple[Group, int], ...]  # what one deal adds: groups, each with its amount


@dataclass(slots=True)
class _Known:
    size: int
    root: bytes
    rows: dict[int, Rows]
    sums: Sums = field(default_factory=dict)


class SumsByDeal:
    """`adds` is SQL of rows (deal, group …, amount) with a place `{some}` at the end of its WHERE clause, for a
    condition on `s.deal_id`, and with places for `values`; `of_touched` is the same of the deals of a table `touched`,
    where a condition would not do. `spread(*group)` gives the keys that a row of this group adds its amount to."""

    def __init__(
        self,
        adds: str,
        spread: Callable[..., Iterable[Key]],
        values: Mapping[str, Any] | None = None,
        of_touched: str = "",
    ) -> None:
        self._whole = _WHOLE.format(adds=adds.format(some=""))
        self._touched = _TOUCHED.format(adds=of_touched or adds.format(some=_SOME))
        self._spread = spread
        self._values = dict(values or {})
        self._known: _Known | None = None
        self._lock = threading.Lock()  # of what is remembered
        self._loading = threading.Lock()  # one thread reads all; the others wait for it

    def sums(self) -> Mapping[Key, tuple[int, int]]:
        """Key → (amount, rows), of the state that one statement sees."""
        return self._state(False)[0]

    def deals(self) -> Mapping[int, Rows]:
        """Deal → what it adds, of the state that one statement sees."""
        return self._state(True)[1]

    def __len__(self) -> int:
        """How many deals are remembered."""
        known = self._known
        return 0 if known is None else len(known.rows)

    def _state(self, with_deals: bool) -> tuple[Sums, Mapping[int, Rows]]:
        found = self._remembered(with_deals)
        if found is None:
            with self._loading:
                found = self._remembered(with_deals) or self._read()
        return found

    def _remembered(self, with_deals: bool) -> tuple[Sums, Mapping[int, Rows]] | None:
        known = self._known
        if known is None:
            return None
        size = known.size
        rows = prepared.rows(self._touched, {"size": size, "root": known.root, **self._values})
        if not rows:
            return None  # another record, or too far behind
        sealed, root, touched = rows[0][:3]
        now = _by_deal(row[3:] for row in rows)
        with self._lock:
            if known is not self._known or known.size != size:
                return None  # it went further meanwhile; the next look finds it there
            changed = {deal: now.get(deal, ()) for deal in touched if known.rows.get(deal, ()) != now.get(deal, ())}
            found = dict(known.sums)
            for deal, added in changed.items():
                for group, amount in known.rows.get(deal, ()):
                    self._add(found, group, -amount, -1)
                for group, amount in added:
                    self._add(found, group, amount, 1)
            if sealed > size and (not connection.in_atomic_block or moment.snapshot() is not None):
                # Not where this transaction may have written: what it wrote may still be taken back.
                known.rows.update(changed)
                known.size, known.root, known.sums = sealed, bytes(root), dict(found)
            return found, {**known.rows, **changed} if with_deals else {}

    def _read(self) -> tuple[Sums, Mapping[int, Rows]]:
        with connection.cursor() as cursor:
            cursor.execute(self._whole, self._values or None)
            rows = cursor.fetchall()
        by_deal, found = _by_deal(row[2:] for row in rows), dict[Key, tuple[int, int]]()
        whole: Sums = {}
        for group, amount in (one for added in by_deal.values() for one in added):
            was, count = whole.get(group, (0, 0))
            whole[group] = was + amount, count + 1
        for group, (amount, count) in whole.items():
            self._add(found, group, amount, count)
        writes = connection.in_atomic_block and moment.snapshot() is None
        if rows[0][0] is not None and not writes and len(by_deal) <= MOST_DEALS:
            with self._lock:
                self._known = _Known(rows[0][0], bytes(rows[0][1]), dict(by_deal), dict(found))
        return found, by_deal

    def _add(self, sums: Sums, group: Group, amount: int, count: int) -> None:
        for key in self._spread(*group):
            was, rows = sums.get(key, (0, 0))
            if rows + count:
                sums[key] = was + amount, rows + count
            else:
                del sums[key]


def _by_deal(rows: Iterable[tuple[Any, ...]]) -> dict[int, Rows]:
    """Groups are few, so each is one object, however many deals are in it."""
    found: dict[int, Rows] = {}
    known: dict[Group, Group] = {}
    for deal, *said, amount in rows:
        if deal is not None:
            group = tuple(said)
            found[deal] = (*found.get(deal, ()), (known.setdefault(group, group), amount))
    return {deal: tuple(sorted(added, key=repr)) if len(added) > 1 else added for deal, added in found.items()}


class SumsByScope:
    """What each deal comes to in some scope, for questions of whoever asks; the newest of them are remembered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Any, ...], SumsByDeal] = OrderedDict()

    def of(self, adds: str, of_touched: str, values: Mapping[str, Any]) -> SumsByDeal:
        """`adds` is one of few texts, of rows (deal, group …, amount); all of them sum under the key ()."""
        key = (adds, *((name, tuple(v) if isinstance(v, list) else v) for name, v in sorted(values.items())))
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = SumsByDeal(adds, lambda *_group: [()], values, of_touched)
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(1 + len(one) for one in self._kept.values()) > MOST_ASKED:
                self._kept.popitem(last=False)
        return found
