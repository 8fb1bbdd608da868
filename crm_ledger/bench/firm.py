"""A company to measure: built by the product's own commands, like any other."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm_ledger.local.paths import ROOT
from ledger.rules.actor import Actor
from pipeline.commands import organisation, policies, references
from pipeline.models import Account, Contact, Organisation, Person, Unit
from pipeline.queries import policies as published
from pipeline.queries import seats
from pipeline.queries.organisation import Company, company
from pipeline.rules.policy import Policy

UNITS = ("east", "west")
CLIENTS = 8
ACCOUNTS = 200
# Months of delivery, and how many deals of a hundred have such a term: most are short, some run for years.
TERMS, SHARES = ((1, 12), (13, 24), (25, 36)), (75, 18, 7)
POLICY = ROOT / "pipeline" / "policies" / "default.yaml"
_SETUP = Actor(0, "shell")
_HOUSE = {
    "finance": ("finance", "lead"),
    "finance2": ("finance", "lead"),
    "cro": ("sales", "executive"),
    "coo": ("operations", "executive"),
    "cfo": ("finance", "executive"),
    "steward": ("governance", "steward"),
}
_IN_UNIT = {"ops": ("operations", "lead"), "ops2": ("operations", "lead"), "manager": ("sales", "manager")}


@dataclass(frozen=True, slots=True)
class Rep:
    """One for each client, so that no two clients share a person. Ids of reps follow each other."""

    person: int
    seat: int
    unit: str

    def actor(self, channel: str = "api") -> Actor:
        return Actor(self.person, channel)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Firm:
    policy: Policy
    company: Company
    reps: tuple[Rep, ...]
    people: dict[str, int]
    accounts: tuple[int, ...]
    contacts: tuple[int, ...]
    today: date

    def by(self, name: str, unit: str = "") -> Actor:
        """Somebody by short name; `unit` for those of whom each unit has its own."""
        return Actor(self.people[f"{name}.{unit}" if unit else name], "shell")

    def stated(self, chance: random.Random) -> dict[str, Any]:
        """What a rep types for a deal that is ready for the second stage."""
        close = self.today + timedelta(days=chance.randrange(10, 300))
        account = chance.randrange(len(self.accounts))
        return {
            "amount": str(Decimal(chance.randrange(1_000_000, 90_000_000)) / 100),
            "currency": "USD",
            "close_on": close.isoformat(),
            "start_on": (close + timedelta(days=20)).isoformat(),
            "account": self.accounts[account],
            "economic_buyer": self.contacts[account],
            "need": f"Packing line {chance.randrange(10**9):09d} stops twice a week and nobody can say why",
            "delivery_units": chance.randrange(10, 500),
            "delivery_months": chance.randint(*chance.choices(TERMS, SHARES)[0]),
            "billing_terms": chance.choice(("monthly", "quarterly", "upfront", "on-delivery")),
        }


def found() -> Firm:
    """The firm of this database; builds it when there is none yet."""
    if not Organisation.objects.exists():
        _build()
    people = {person.name: person.pk for person in Person.objects.order_by("pk")}
    reps = []
    for name, person in people.items():
        if name.startswith("rep"):
            seat = seats.of_person(person)[0]
            reps.append(Rep(person, seat.id, str(seat.unit)))
    return Firm(
        policy=published.in_force(),
        company=company(),
        reps=tuple(reps),
        people=people,
        accounts=tuple(Account.objects.order_by("pk").values_list("pk", flat=True)),
        contacts=tuple(Contact.objects.order_by("account_id").values_list("pk", flat=True)),
        today=seats.now().date(),
    )


def _build() -> None:
    Organisation.objects.create(name="Bench", currency="USD", timezone="UTC")
    for unit in UNITS:
        organisation.open_unit(unit, unit.capitalize(), by=_SETUP, capacity_base=1_000_000_000)
    for function in ("sales", "operations", "finance", "governance"):
        organisation.open_function(function, function.capitalize(), by=_SETUP)
    for at in range(CLIENTS):
        _hire(f"rep{at}", "sales", UNITS[at % len(UNITS)], "rep")
    for unit in UNITS:
        for name, (function, role) in _IN_UNIT.items():
            _hire(f"{name}.{unit}", function, unit, role)
    hired = {name: _hire(name, function, None, role) for name, (function, role) in _HOUSE.items()}
    assert len(Unit.objects.all()) == len(UNITS)
    draft = policies.draft(POLICY.read_text(encoding="utf-8"), by=Actor(hired["steward"], "shell"))
    for name, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(draft.version, function, by=Actor(hired[name], "shell"))
    for at in range(7):
        references.list_product(f"Line {at}", by=_SETUP, price_minor=120_000 * (at + 1))
    for at in range(ACCOUNTS):
        account = references.open_account(f"Customer {at:04d}", by=_SETUP, sector="logistics")
        references.add_contact(account.pk, f"Buyer {at:04d}", by=_SETUP)


def _hire(name: str, function: str, unit: str | None, role: str) -> int:
    person = Person.objects.create(email=f"{name}@bench.example", name=name, password="!")
    organisation.fill_seat(person.pk, function, unit, role, by=_SETUP)
    return person.pk
