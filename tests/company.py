"""A small company for tests, built by the product's own commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ledger.rules.actor import Actor
from pipeline.commands import organisation, policies, references
from pipeline.models import Account, Organisation, Person, Product

DEFAULT_POLICY = Path(__file__).resolve().parent.parent / "pipeline" / "policies" / "default.yaml"
SETUP = Actor(0, "shell")
INPUTS = {
    "economic_buyer": None,
    "need": "Their packing line stops twice a week",
    "delivery_units": 120,
    "delivery_months": 3,
    "billing_terms": "monthly",
}


@dataclass(slots=True)
class Company:
    """People by short name (`rep`, `ops2`, …), each with one seat in `seats`."""

    people: dict[str, Person]
    seats: dict[str, int]
    account: Account
    contact: int
    product: Product

    def by(self, name: str) -> Actor:
        return Actor(self.people[name].pk, "shell")

    def person(self, name: str) -> Person:
        return self.people[name]


STAFF = {
    "rep": ("sales", "east", "rep"),
    "rep2": ("sales", "east", "rep"),
    "manager": ("sales", "east", "manager"),
    "rep_west": ("sales", "west", "rep"),
    "manager_west": ("sales", "west", "manager"),
    "cro": ("sales", None, "executive"),
    "ops": ("operations", "east", "lead"),
    "ops2": ("operations", "east", "lead"),
    "ops_west": ("operations", "west", "lead"),
    "coo": ("operations", None, "executive"),
    "finance": ("finance", None, "lead"),
    "finance2": ("finance", None, "lead"),
    "cfo": ("finance", None, "executive"),
    "steward": ("governance", None, "steward"),
    "auditor": ("audit", None, "auditor"),
    "admin": ("administration", None, "admin"),
}


def build() -> Company:
    """Two regions, sixteen people, the default policy under three signatures."""
    Organisation.objects.create(name="Test company", currency="USD", timezone="UTC")
    for key, name in (("east", "East"), ("west", "West")):
        organisation.open_unit(key, name, by=SETUP, capacity_base=1000)
    for key in ("sales", "operations", "finance", "governance", "audit", "administration"):
        organisation.open_function(key, key.capitalize(), by=SETUP)
    people, seats = {}, {}
    for short, (function, unit, role) in STAFF.items():
        person = Person.objects.create(
            email=f"{short}@test.example", name=short.replace("_", " ").title(), password="!"
        )
        people[short] = person
        seats[short] = organisation.fill_seat(person.pk, function, unit, role, by=SETUP)
    company = Company(people, seats, None, 0, None)  # type: ignore[arg-type]
    drafted = policies.draft(DEFAULT_POLICY.read_text(), by=company.by("steward"))
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=company.by(short))
    company.account = references.open_account("Northwind", by=SETUP, sector="logistics")
    company.contact = references.add_contact(company.account.pk, "Iris Vance", by=SETUP).pk
    company.product = references.list_product("Pallet line", by=SETUP, price_minor=12_000_000)
    return company


def load() -> Company:
    """The company as `build` left it in this database."""
    people = {person.email.split("@")[0]: person for person in Person.objects.filter(email__endswith="@test.example")}
    seats = {short: person.seats.get().pk for short, person in people.items()}
    account = Account.objects.get()
    return Company(people, seats, account, account.contacts.get().pk, Product.objects.get())
