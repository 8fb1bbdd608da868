"""Writes what the reconciliation found of a deal: breaks that opened, changed or were cleared, and their alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.commands.alerting import disagreeing
from governance.queries import breaks as query
from governance.rules import breaks as rules
from governance.rules.breaks import SORTS, Break, Facts, Judged
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import SYSTEM
from ledger.rules.chain import Chain
from ledger.rules.envelope import ZERO_HASH
from ledger.transactions import step


@dataclass(frozen=True, slots=True)
class Limits:
    """Minor units of the reporting currency."""

    tolerance: int
    currency: str


@dataclass(slots=True)
class Counts:
    """What one pass wrote."""

    found: int = 0
    changed: int = 0
    cleared: int = 0

    def add(self, other: Counts) -> None:
        self.found, self.changed = self.found + other.found, self.changed + other.changed
        self.cleared += other.cleared


def differs(judged: Judged, held: Mapping[str, Break], limits: Limits) -> bool:
    """Whether anything is to be written of a deal."""
    wanted = rules.found(judged.facts, limits.tolerance)
    return wanted != {sort: one.amount for sort, one in held.items()}


@step
def settle(judged: Iterable[Judged], limits: Limits, now: datetime) -> Counts:
    """Writes `break.found`, `break.changed` and `break.cleared`. The streams of the deals are locked already, so two
    that reconcile never judge one deal at once."""
    deals, counts = list(judged), Counts()
    held = query.open_of([one.deal for one in deals])
    for one in deals:
        known, wanted = held.get(one.deal, {}), rules.found(one.facts, limits.tolerance)
        for sort, amount in wanted.items():
            if sort not in known:
                _found(one, sort, amount, limits, now)
                counts.found += 1
            elif known[sort].amount != amount:
                _write("break.changed", lock(rules.about(known[sort].id)), amount, one.facts, limits)
                counts.changed += 1
        for sort in known.keys() - wanted.keys():
            amount = max(0, SORTS[sort].amount(one.facts))
            _write("break.cleared", lock(rules.about(known[sort].id)), amount, one.facts, limits)
            counts.cleared += 1
    return counts


def _found(one: Judged, sort: str, amount: int, limits: Limits, now: datetime) -> None:
    number = query.next_number()
    function, month = SORTS[sort].function, one.months[sort]
    body = {
        "deal": one.deal, "unit": one.unit, "sort": sort, "function": function, "month": month,
        "currency": limits.currency,
    }  # fmt: skip
    _write("break.found", Chain(rules.about(number), 0, ZERO_HASH, None, now), amount, one.facts, limits, **body)
    disagreeing.of_break(number, one.deal, one.title, one.unit, sort, month, amount, limits.currency, now)


def _write(kind: str, chain: Chain, amount: int, facts: Facts, limits: Limits, **more: Any) -> None:
    body = {**more, "amount_minor": amount, "tolerance": limits.tolerance, "facts": facts.body()}
    append(chain, Draft(kind, body), by=SYSTEM)
