"""Runs the matrix: one line an attack, `refused`, `named: …` or `MISSED`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import psycopg2
from psycopg2 import errors

from crm_ledger.tamper import attacks, attacks_on_tree, attacks_on_whiles, bits
from crm_ledger.tamper.attacks import Attack
from crm_ledger.tamper.intruder import Intruder
from crm_ledger.tamper.scratch import Copy, Scratch
from crm_ledger.verify.report import NAMES
from crm_ledger.verify.run import verify

NAMED = (*attacks.NAMED, *attacks_on_whiles.NAMED, *attacks_on_tree.NAMED, attacks_on_tree.RESTORED)
ALL = (*attacks.REFUSED, *NAMED)
# What a guard says when it refuses; any other error is a broken attack, not a refusal.
_REFUSALS = (errors.InsufficientPrivilege, errors.RestrictViolation, errors.GeneratedAlways, errors.CheckViolation,
             errors.SerializationFailure)  # fmt: skip


class Outcome(NamedTuple):
    attack: Attack
    answer: str

    @property
    def missed(self) -> bool:
        return self.answer.startswith("MISSED")

    def __str__(self) -> str:
        return f"{self.attack.name:52} {self.answer}"


def run(scratch: Scratch, attack: Attack) -> Outcome:
    """One attack on a copy of its own."""
    of = scratch.backup if attack is attacks_on_tree.RESTORED else scratch.template
    with scratch.copy(f"{scratch.template}_copy"[-60:], of=of) as copy:
        if isinstance(attack.act, str):
            return Outcome(attack, _refused(copy, attack.door, attack.act))
        with closing(Intruder(copy)) as intruder:
            attack.act(intruder)
        return Outcome(attack, _named())


def untouched(scratch: Scratch) -> str:
    """The verdict on a copy that nobody attacked: unless all three hold, no attack proves anything."""
    with scratch.copy(f"{scratch.template}_copy"[-60:]):
        answer = _named()
    return "holds" if answer.startswith("MISSED") else answer


def run_bits(scratch: Scratch, wanted: int) -> Iterator[str]:
    """Single bits at random in one copy: those whose place no verdict names."""
    with scratch.copy(f"{scratch.template}_copy"[-60:]) as copy, closing(Intruder(copy)) as intruder:
        for flip, missed in bits.missed(intruder, wanted, seed=wanted):
            if missed:
                yield str(flip)


def run_all(scratch: Scratch) -> Iterator[Outcome]:
    for attack in ALL:
        yield run(scratch, attack)


def _refused(copy: Copy, door: str, statement: str) -> str:
    url = copy.superuser_url if door == "superuser" else getattr(copy.addresses, door)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except _REFUSALS as refusal:
            return f"refused: {str(refusal).splitlines()[0]}"
        connection.commit()
    return "MISSED: it was done"


def _named() -> str:
    report = verify()
    for name in NAMES:
        for violation in report[name].violations[:1]:
            return f"named: {name}: {re.sub(r'[0-9a-f]{64}', _shortened, str(violation))[:200]}"
    return "MISSED: all three verdicts hold"


def _shortened(digest: re.Match[str]) -> str:
    return digest[0][:8] + "…"
