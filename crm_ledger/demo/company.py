"""Meridian Automation: units, functions, people with their seats, products and the policy in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import sin
from pathlib import Path

from django.contrib.auth.hashers import make_password

from crm_ledger.demo import clock, data
from crm_ledger.local.people import PASSWORD
from ledger.rules.actor import Actor
from pipeline.commands import organisation, policies, references
from pipeline.models import Account, Organisation, Person

NAME = "Meridian Automation"
UNFINISHED = f"{NAME} (being built)"
UNITS = (("east", "East", 1000), ("west", "West", 1200), ("central", "Central", 600))
FUNCTIONS = ("sales", "operations", "finance", "marketing", "legal", "governance", "audit", "administration")
RATES = {"EUR": (1.085, 0.035), "GBP": (1.27, 0.04)}  # middle and swing
POLICY = Path(__file__).resolve().parents[2] / "pipeline" / "policies" / "default.yaml"
SETUP = Actor(0, "shell")


@dataclass(slots=True)
class Cast:
    """Who is there, by the key of people.yaml, and what is sold."""

    people: dict[str, int] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, tuple[int, int]] = field(default_factory=dict)  # account, economic buyer
    key_result: int = 0  # of this quarter

    def by(self, key: str) -> Actor:
        return Actor(self.people[key], "shell")


def found() -> Cast:
    """Sets the company up at the moment where the clock stands."""
    Organisation.objects.create(name=UNFINISHED, currency="USD", timezone="UTC")
    for key, name, base in UNITS:
        organisation.open_unit(key, name, by=SETUP, capacity_base=base)
    for key in FUNCTIONS:
        organisation.open_function(key, key.capitalize(), by=SETUP)
    cast = Cast()
    password = make_password(PASSWORD)  # once: it is slow on purpose
    joined = clock.read().now
    for someone in data.people():
        flags = {"is_staff": True, "is_superuser": True} if someone.role == "admin" else {}
        person = Person.objects.create(email=someone.email, name=someone.name, password=password, **flags)
        cast.people[someone.key] = person.pk
        boss = cast.seats.get(someone.reports_to)
        cast.seats[someone.key] = organisation.fill_seat(
            person.pk, someone.function, someone.unit or None, someone.role, by=SETUP, reports_to=boss
        )
    Person.objects.update(joined_at=joined)
    _policy(cast)
    for key, sold in data.products().items():
        cast.products[key] = references.list_product(
            sold.name, by=SETUP, series=sold.series, price_minor=sold.price * 100
        ).pk
    return cast


def _policy(cast: Cast) -> None:
    drafted = policies.draft(POLICY.read_text(encoding="utf-8"), by=cast.by("steward"))
    for who, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=cast.by(who))


def publish_rates(day: date, cast: Cast) -> None:
    """The rates of a month: a slow wave around a middle, the same for the same number of months."""
    months = day.year * 12 + day.month
    for at, (currency, (middle, swing)) in enumerate(RATES.items()):
        rate = Decimal(str(round(middle + swing * sin(months * 0.55 + at), 4)))
        organisation.publish_rate(currency, day, rate, by=cast.by("finance3"))


def account(cast: Cast, key: str, opener: str) -> tuple[int, int]:
    """(account, economic buyer) of a customer, opened by the first who sells to them."""
    if key not in cast.accounts:
        who = data.customers()[key]
        opened = references.open_account(who.name, by=cast.by(opener), sector=who.sector, country=who.country)
        Account.objects.filter(pk=opened.pk).update(opened_at=clock.read().now)
        first, _, last = who.buyer.partition(" ")
        email = f"{first[0].lower()}.{last.split()[-1].lower()}@{key}.example".encode("ascii", "ignore").decode()
        buyer = references.add_contact(opened.pk, who.buyer, by=cast.by(opener), email=email, job=who.job)
        cast.accounts[key] = (opened.pk, buyer.pk)
    return cast.accounts[key]


def finish() -> None:
    """The last act: from now on the company counts as built."""
    Organisation.objects.filter(name=UNFINISHED).update(name=NAME)
