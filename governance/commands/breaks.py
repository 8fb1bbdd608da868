"""Writes what the reconciliation found of a deal: breaks that opened, changed or were cleared, and their alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.commands.alerting import disagreeing
from governance.queries import breaks as query
from governance.rules import breaks as rules
from governance.rules.breaks import SORTS, Break, Facts, Found, Judged
from ledger.commands.append import Draft, append_many, lock_many
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
    """Writes `break.found`, `break.changed` and `break.cleared`, in as many statements as for one. The streams of the
    deals are locked already, so two that reconcile never judge one deal at once."""
    deals, counts = list(judged), Counts()
    held = query.open_of([one.deal for one in deals])
    fresh: list[tuple[Judged, str, int]] = []
    known: list[tuple[Break, Draft]] = []
    for one in deals:
        was, wanted = held.get(one.deal, {}), rules.found(one.facts, limits.tolerance)
        fresh += [(one, sort, amount) for sort, amount in wanted.items() if sort not in was]
        for sort, broken in was.items():
            amount = max(0, SORTS[sort].amount(one.facts))
            if sort not in wanted:
                known.append((broken, _draft("break.cleared", amount, one.facts, limits)))
                counts.cleared += 1
            elif broken.amount != amount:
                known.append((broken, _draft("break.changed", amount, one.facts, limits)))
                counts.changed += 1
    chains = {chain.stream: chain for chain in lock_many([rules.about(broken.id) for broken, _ in known])}
    found = [
        Found(number, one.deal, one.title, one.unit, sort, one.months[sort], amount, limits.currency)
        for number, (one, sort, amount) in zip(query.next_numbers(len(fresh)), fresh, strict=True)
    ]
    counts.found = len(found)
    append_many(
        [
            *((chains[rules.about(broken.id)], [draft]) for broken, draft in known),
            *((Chain(rules.about(one.number), 0, ZERO_HASH, None, now), [_found(one, judged.facts, limits)])
              for one, (judged, _sort, _amount) in zip(found, fresh, strict=True)),
        ],
        by=SYSTEM,
    )  # fmt: skip
    disagreeing.of_breaks(found, now)
    return counts


def _found(one: Found, facts: Facts, limits: Limits) -> Draft:
    return _draft(
        "break.found", one.amount, facts, limits, deal=one.deal, unit=one.unit, sort=one.sort,
        function=SORTS[one.sort].function, month=one.month, currency=one.currency,
    )  # fmt: skip


def _draft(kind: str, amount: int, facts: Facts, limits: Limits, **more: Any) -> Draft:
    return Draft(kind, {**more, "amount_minor": amount, "tolerance": limits.tolerance, "facts": facts.body()})
