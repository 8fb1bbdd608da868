"""The tables of the demo, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).resolve().parent


class Someone(NamedTuple):
    key: str
    name: str
    function: str
    unit: str
    role: str
    reports_to: str

    @property
    def email(self) -> str:
        return f"{self.key}@demo.example"


class Customer(NamedTuple):
    key: str
    name: str
    sector: str
    country: str
    city: str
    buyer: str
    job: str

    @property
    def short(self) -> str:
        return self.key.capitalize()


class Sold(NamedTuple):
    key: str
    name: str
    series: str
    price: int
    need: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One deal of the story; see deals.yaml."""

    title: str
    account: str
    product: str
    owner: str
    amount: int | None
    currency: str
    opened: float  # days ago
    ended: float
    close: int | None  # days ahead
    start: int | None  # months from now
    units: int | None
    months: int | None
    late: str
    script: tuple[str, ...]

    @property
    def unit(self) -> str:
        return self.owner.partition(".")[2]

    @property
    def books(self) -> bool:
        """The story ends with this deal booked."""
        signed = [step for step in self.script if step.startswith(("attest:", "capacity", "lose:"))]
        return signed[-1:] == ["attest:finance"] or (signed[-1:] == ["capacity!"] and "attest:finance" in signed)


@cache
def people() -> tuple[Someone, ...]:
    return tuple(Someone(*row) for row in _read("people.yaml"))


@cache
def customers() -> dict[str, Customer]:
    return {row[0]: Customer(*row) for row in _read("accounts.yaml")["accounts"]}


@cache
def products() -> dict[str, Sold]:
    return {row[0]: Sold(*row) for row in _read("accounts.yaml")["products"]}


@cache
def plans() -> tuple[Plan, ...]:
    story = _read("deals.yaml")
    walks = {name: tuple(said.format(**story["parts"]).split()) for name, said in story["walks"].items()}
    return tuple(_plan(row, walks) for row in story["deals"])


def _plan(row: dict[str, Any], walks: dict[str, tuple[str, ...]]) -> Plan:
    customer, sold = customers()[row["of"]], products()[row["sells"]]
    return Plan(
        title=f"{customer.short}: {row.get('title', sold.name.lower())}",
        account=row["of"],
        product=row["sells"],
        owner=row["owner"],
        amount=row.get("amount"),
        currency=row["in"],
        opened=row["from"],
        ended=row.get("to", 1),
        close=row.get("close"),
        start=row.get("start"),
        units=row.get("units"),
        months=row.get("months"),
        late=row.get("late", ""),
        script=walks[row["walk"]],
    )


def _read(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
