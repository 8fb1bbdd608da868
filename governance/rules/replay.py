"""Pools, expansions and reservations as the record alone says they are, and what was not lawful in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from governance.rules import pools
from governance.rules.pools import Change, Held, Pool
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.replay import Organisation
from pipeline.rules.seats import holds

ROLES = {"expansion.ordered": ("operations",), "expansion.verified": ("operations", "finance")}


@dataclass(slots=True)
class ExpansionRow:
    unit: str
    units: int
    ordered_on: date
    lead_days: int
    ordered_by: int
    ordered_at: datetime
    on_behalf: int | None
    entry_id: int
    state: str = "ordered"
    verified_by: int | None = None
    verified_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def counts_from(self) -> date:
        """The first month that begins when it is ready, or later."""
        last = self.ordered_on + timedelta(days=self.lead_days) - timedelta(days=1)
        return (last.replace(day=1) + timedelta(days=32)).replace(day=1)

    def counted(self, month: date, at: datetime) -> bool:
        known = self.verified_at is not None and self.verified_at <= at
        return known and self.counts_from <= month and not (self.withdrawn_at and self.withdrawn_at <= at)


@dataclass(slots=True)
class Capacity:
    """Grows with units, months and deals that hold something; never with history."""

    pools: dict[tuple[str, date], Pool] = field(default_factory=dict)
    entries: dict[tuple[str, date], int] = field(default_factory=dict)
    held: dict[int, dict[tuple[str, date], tuple[int, Held, int]]] = field(default_factory=dict)
    expansions: dict[int, ExpansionRow] = field(default_factory=dict)
    bases: dict[str, int] = field(default_factory=dict)
    supplies: list[tuple[Entry, Pool]] = field(default_factory=list)
    acts: list[Entry] = field(default_factory=list)

    def take(self, entry: Entry) -> Iterator[Deviation]:
        """Moves on; says what an entry of a pool states that does not follow from the pool before it."""
        if entry.kind == "unit.opened":
            self.bases[entry.body["unit"]] = entry.body.get("capacity_base", 0)
        elif entry.stream.startswith("expansion/"):
            self._expansion(entry)
        elif entry.stream.startswith("capacity/"):
            yield from self._pool(entry)

    def _expansion(self, entry: Entry) -> None:
        number, body = int(entry.stream.split("/")[1]), entry.body
        self.acts.append(entry)
        if entry.kind == "expansion.ordered":
            self.expansions[number] = ExpansionRow(
                body["unit"], body["units"], date.fromisoformat(body["ordered_on"]), body["lead_days"], entry.actor,
                entry.recorded_at, entry.said["on_behalf"], entry.id,
            )  # fmt: skip
            return
        row = self.expansions[number]
        row.entry_id = entry.id
        if entry.kind == "expansion.verified":
            row.state, row.verified_by, row.verified_at = "verified", entry.actor, entry.recorded_at
        else:
            row.state, row.withdrawn_at = "withdrawn", entry.recorded_at

    def _pool(self, entry: Entry) -> Iterator[Deviation]:
        _, unit, name = entry.stream.split("/")
        at, body = (unit, date.fromisoformat(f"{name}-01")), entry.body
        was = self.pools.get(at)
        if entry.kind in ("capacity.opened", "capacity.restated"):
            empty = was or Pool(*at, 0, 0, Decimal(0))
            now = empty.supplied(body["base"], body["expanded"], Decimal(body["ceiling"]))
            self.supplies.append((entry, now))
            expected = pools.supply(was, now)
            if now.promised != body["promised"]:
                yield Deviation("promised", now.promised, body["promised"])
        else:
            assert was is not None  # a pool begins by opening
            now, expected = self._moved(at, was, entry)
            if body["was"] == "none" and now.taken > now.promised:
                yield Deviation("ceiling", f"at most {now.promised} units promised", f"{now.taken} units")
        self.pools[at], self.entries[at] = now, entry.id
        wanted = [line.as_body() for line in expected.postings] if expected else []
        found = list(entry.body.get("postings", ()))
        if [_plain(line) for line in wanted] != [_plain(line) for line in found]:
            yield Deviation("postings", wanted, found)

    def _moved(self, at: tuple[str, date], was: Pool, entry: Entry) -> tuple[Pool, Change]:
        body = entry.body
        units, leaves, enters = body["units"], body["was"], body["now"]
        soft = units * ((enters == "soft") - (leaves == "soft"))
        confirmed = units * ((enters == "confirmed") - (leaves == "confirmed"))
        of_deal = self.held.setdefault(body["deal"], {})
        if enters == "none":
            of_deal.pop(at, None)
        else:
            of_deal[at] = units, enters, entry.id
        if not of_deal:
            del self.held[body["deal"]]
        now = replace(was, soft=was.soft + soft, confirmed=was.confirmed + confirmed)
        return now, pools.hold(was, body["deal"], None, units, leaves, enters)

    def finish(self, organisation: Organisation) -> Iterator[tuple[Entry, Deviation]]:
        """What can be judged only when every other stream has been read: supply, and who ordered and verified."""
        for entry, pool in self.supplies:
            expected = sum(
                row.units
                for row in self.expansions.values()
                if row.unit == pool.unit and row.counted(pool.month, entry.recorded_at)
            )
            stated = (self.bases.get(pool.unit, 0), expected)
            if stated != (pool.base, pool.expanded):
                yield entry, Deviation("supply", stated, (pool.base, pool.expanded))
        for entry in self.acts:
            row = self.expansions.get(int(entry.stream.split("/")[1]))
            if row is None:  # its order can no longer be read
                yield entry, Deviation("expansion", "an order that can be read", None)
                continue
            seats = organisation.seats_of(entry.actor, entry.recorded_at)
            functions = ROLES.get(entry.kind, ("operations",))
            if not any(holds(seats, function, row.unit) for function in functions):
                yield entry, Deviation("actor", f"somebody of {' or '.join(functions)} in {row.unit}", entry.actor)
            if entry.kind == "expansion.verified":
                near = {row.ordered_by, row.on_behalf} - {None}
                if near & {entry.actor, entry.said["on_behalf"]}:
                    yield entry, Deviation("actor", "somebody else than who ordered it", entry.actor)


def _plain(line: Any) -> tuple[Any, ...]:
    """A posting without the seat of its owner, which no pool knows."""
    period = line["period"]
    return (line["book"], line["place"], str(period), line["unit"], line["deal"], line["amount"], line["cause"])
