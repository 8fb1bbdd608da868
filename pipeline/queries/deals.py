"""Reads deals as rules see them, with the lock where a writer needs one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.queries import prepared
from ledger.rules.chain import Chain
from ledger.rules.envelope import moment
from ledger.rules.problems import not_found
from ledger.rules.standing import Standing, Standings
from pipeline.queries.organisation import Company
from pipeline.rules.deal import DealView, Line
from pipeline.rules.seats import SeatView, seats

COLUMNS = (
    "deal_id", "stage", "version", "unit", "owner_id", "owner_person", "policy_version", "account_id", "amount_minor",
    "currency", "close_on", "start_on", "inputs", "lines", "credits", "value_minor", "place", "period", "terms",
    "stage_entered_at", "standings", "private", "input_at",
)  # fmt: skip
_OF_DEAL = ", ".join(f"(deal).{column}" for column in COLUMNS)
_LOCK = f"SELECT head, at, now, seats, currency, timezone, {_OF_DEAL} FROM pipeline_lock_deal(%s, %s)"
# The array comes through a sub-select, so that the plan does not depend on its length and is made once.
_READ = f"SELECT {', '.join(COLUMNS)} FROM pipeline_deal_read WHERE deal_id = ANY ((SELECT %s::bigint[])::bigint[])"


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal with what the record says of its requirement keys."""

    view: DealView
    standings: Standings


@dataclass(slots=True)
class Locked:
    """A deal whose chain this transaction holds. `seats` are the actor's."""

    company: Company
    chain: Chain
    view: DealView
    standings: Standings
    seats: tuple[SeatView, ...]

    @property
    def now(self) -> datetime:
        return self.chain.now


def ref_of(number: int) -> str:
    return f"D-{number:06d}"


def number_of(ref: str) -> int:
    """`D-000123` → 123; a ref that is none is simply not found."""
    digits = ref[2:] if ref[:2].upper() == "D-" else ""
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise not_found(f"Deal {ref[:40]}")
    return int(digits)


def lock(number: int, person: int) -> Locked:
    """Locks a deal and reads it under the lock; raises not-found."""
    row = prepared.row(_LOCK, [number, person])
    if row is None:
        raise not_found(f"Deal {ref_of(number)}")
    head, at, now, held, currency, timezone = row[:6]
    deal = of_row(row[6:])
    chain = Chain(f"deal/{number}", deal.view.version, bytes(head), at, now)
    return Locked(
        Company(currency or "USD", timezone or "UTC"), chain, deal.view, deal.standings, seats(json.loads(held))
    )


def read(numbers: Iterable[int]) -> dict[int, Deal]:
    """Many deals in one query, by number; what does not exist is missing."""
    return {row[0]: of_row(row) for row in prepared.rows(_READ, [list(numbers)])}


def read_one(number: int) -> Deal:
    deal = read([number]).get(number)
    if deal is None:
        raise not_found(f"Deal {ref_of(number)}")
    return deal


def of_row(row: tuple[Any, ...]) -> Deal:
    """From a row of COLUMNS."""
    (number, stage, version, unit, owner, owner_person, policy, account, amount, currency, close_on, start_on, inputs,
     lines, credits, value, place, period, terms, entered, standings, private, input_at) = row  # fmt: skip
    kept = json.loads(private) if private else {}
    values: dict[str, Any] = {}
    behind: dict[str, str] = {}
    for key, value_of in json.loads(inputs).items():
        if isinstance(value_of, dict):
            behind[key] = value_of["private"]
            values[key] = kept.get(behind[key])
        else:
            values[key] = value_of
    view = DealView(
        id=number, ref=ref_of(number), stage=stage, version=version, unit=unit, owner=owner,
        owner_person=owner_person, policy_version=policy, account=account, amount_minor=amount, currency=currency,
        close_on=close_on, start_on=start_on, inputs=values, lines=lines_of(json.loads(lines)),
        credits=tuple(json.loads(credits)), value_minor=value, place=place, period=period, terms=terms,
        stage_entered_at=entered, private=behind,
        input_at={key: moment(us) for key, us in json.loads(input_at).items()},
    )  # fmt: skip
    return Deal(view, {row[0]: _standing(row) for row in json.loads(standings)})


def lines_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(Line(row["product"], row["name"], row["quantity"], row["price_minor"]) for row in rows)


def _standing(row: list[Any]) -> Standing:
    key, effect, status, entry, actor, at, function, preparer, start_by, due, valid_until, facts = row[:12]
    first_due, late, missed = row[12:]
    return Standing(
        key, effect, status, entry, actor, _at(at), function, preparer, _at(start_by), _at(due), _at(valid_until),
        facts, _at(first_due), _at(late), _at(missed),
    )  # fmt: skip


def _at(us: int | None) -> datetime | None:
    return None if us is None else moment(us)
