"""Single bits, flipped at random in every part of a sealed record: each is found, and the place is named."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crm_ledger.tamper.intruder import Intruder
from crm_ledger.verify.report import NAMES, Report, Violation
from crm_ledger.verify.run import verify

ROUND = 30  # flips that one verification looks for: a verdict keeps a hundred broken facts


class Target(NamedTuple):
    """A column of bytes or whole numbers; `entry` or `place` says by SQL what a broken fact must name."""

    table: str
    column: str
    share: int
    entry: str = "NULL"
    place: str = "''"
    numeric: bool = False
    condition: str = "true"


TARGETS = (
    Target("ledger_entry", "envelope", 10, entry="id"),
    Target("ledger_leaf", "hash", 4, entry="entry_id"),
    Target("ledger_posting", "amount", 3, entry="entry_id", numeric=True),
    Target("ledger_seal", "root", 1, place="'seal of ' || size"),
    Target("ledger_tile", "hashes", 1, place="'tile ' || idx || ' of level ' || level"),
    Target("ledger_tile", "root", 1, place="'tile ' || idx || ' of level ' || level"),
    Target("ledger_stream", "head", 2, place="id"),
    Target("ledger_standing", "entry_id", 2, place="stream", numeric=True),
    Target("pipeline_dealstate", "value_minor", 1, place="stream", numeric=True, condition="value_minor IS NOT NULL"),
)


class Flip(NamedTuple):
    target: Target
    row: str  # its place in the table, which a flip keeps by being one of its own
    bit: int
    entry: int | None
    place: str

    def __str__(self) -> str:
        return f"bit {self.bit} of {self.target.table}.{self.target.column}, {self.entry or self.place}"

    def named_by(self, violation: Violation) -> bool:
        if self.entry is not None:
            return violation.entry == self.entry
        return self.place in f"{violation.place} {violation.fact} "


def missed(intruder: Intruder, wanted: int, seed: int) -> Iterator[tuple[Flip, bool]]:
    """Flips so many bits, some at a time, verifies and mends them; each flip with whether it was missed."""
    chance = random.Random(seed)
    done = 0
    while done < wanted:
        flips = _choose(intruder, chance, min(ROUND, wanted - done))
        report = _verified_with(intruder, flips)
        done += len(flips)
        for flip in flips:
            # One flip can break so many facts that the list of a verdict is full of them.
            alone = not _named(flip, report) and _is_full(report)
            yield flip, not _named(flip, _verified_with(intruder, [flip]) if alone else report)


def _verified_with(intruder: Intruder, flips: Sequence[Flip]) -> Report:
    with intruder.unguarded():
        _flip(intruder, flips)
    report = verify()
    with intruder.unguarded():
        _flip(intruder, flips)
    return report


def _is_full(report: Report) -> bool:
    return any(report[name].broken > len(report[name].violations) for name in NAMES)


def _named(flip: Flip, report: Report) -> bool:
    return any(flip.named_by(violation) for name in NAMES for violation in report[name].violations)


def _choose(intruder: Intruder, chance: random.Random, count: int) -> list[Flip]:
    """Rows that nobody else is about to be blamed for: each entry, and each place, at most once."""
    found: dict[tuple[int | None, str], Flip] = {}
    for target in chance.choices(TARGETS, [target.share for target in TARGETS], k=4 * count):
        size = "62" if target.numeric else f"8 * octet_length({target.column})"
        rows = intruder.run(
            f"SELECT {_key(target)}, {size}, {target.entry}, {target.place} FROM {target.table}"
            f" WHERE {target.condition} ORDER BY {_key(target)} OFFSET %s % (SELECT count(*) FROM {target.table}"
            f" WHERE {target.condition}) LIMIT 1".replace("% (", "%% ("),
            chance.randrange(10**6),
        )
        for row, bits, entry, place in rows:
            found.setdefault((entry, place), Flip(target, row, chance.randrange(bits), entry, place))
        if len(found) == count:
            break
    return list(found.values())


def _key(target: Target) -> str:
    keys = {"ledger_leaf": "idx", "ledger_seal": "size", "ledger_tile": "level || '/' || idx",
            "ledger_standing": "stream || ' ' || key", "pipeline_dealstate": "deal_id"}  # fmt: skip
    return f"({keys.get(target.table, 'id')})::text"


def _flip(intruder: Intruder, flips: Sequence[Flip]) -> None:
    for target, row, bit, _entry, _place in flips:
        column = target.column
        changed = (
            f"{column} # (1::bigint << {bit})"
            if target.numeric
            else f"set_bit({column}, {bit}, 1 - get_bit({column}, {bit}))"
        )
        intruder.run(f"UPDATE {target.table} SET {column} = {changed} WHERE {_key(target)} = %s", row)
