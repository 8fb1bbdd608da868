"""Accounts, contacts and products: opened once, each an entry. Names stay outside the hashed bytes."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, conflict
from ledger.transactions import command
from pipeline import permissions
from pipeline.models import Account, Contact, Product
from pipeline.queries import seats
from pipeline.rules import names


@command
def open_account(
    name: str, *, by: Actor, sector: str = "", country: str = "", parent: Account | None = None
) -> Account:
    """Opens a customer; writes `account.opened`. A name that exists is a conflict that names the account."""
    permissions.check_can_keep_references(by, seats.of_person(by.person))
    name = _name(name, "/name", "ACCOUNT-1", "An account")
    existing = Account.objects.filter(name__iexact=name).first()
    if existing:
        raise _exists("account", existing.pk, name)
    try:
        with transaction.atomic():
            account = Account.objects.create(name=name, sector=sector, country=country, parent=parent)
    except IntegrityError:
        raise _exists("account", Account.objects.get(name__iexact=name).pk, name) from None
    body = {"sector": sector, "country": country, "parent": parent.pk if parent else None}
    append(lock(f"account/{account.pk}"), Draft("account.opened", body), by=by)
    return account


@command
def add_contact(account: int, name: str, *, by: Actor, email: str = "", job: str = "") -> Contact:
    """Adds a person at a customer; writes `contact.added` with the id only."""
    permissions.check_can_keep_references(by, seats.of_person(by.person))
    name = _name(name, "/name", "CONTACT-1", "A contact")
    if not Account.objects.filter(pk=account).exists():
        raise bad_input([Fault("/account", "CONTACT-2", f"Account {account} does not exist. Open it first.")])
    contact = Contact.objects.create(account_id=account, name=name, email=email, job=job)
    append(lock(f"account/{account}"), Draft("contact.added", {"contact": contact.pk}), by=by)
    return contact


@command
def list_product(
    name: str, *, by: Actor, series: str = "", price_minor: int | None = None, currency: str = "USD"
) -> Product:
    """Puts a product on the list; writes `product.listed`."""
    permissions.check_can_keep_references(by, seats.of_person(by.person))
    name = _name(name, "/name", "PRODUCT-1", "A product")
    existing = Product.objects.filter(name__iexact=name).first()
    if existing:
        raise _exists("product", existing.pk, name)
    product = Product.objects.create(name=name, series=series, price_minor=price_minor, currency=currency)
    body = {"name": name, "series": series, "price_minor": price_minor, "currency": currency}
    append(lock(f"product/{product.pk}"), Draft("product.listed", body), by=by)
    return product


def _name(name: str, pointer: str, code: str, what: str) -> str:
    name = names.plain(name)
    if not 1 <= len(name) <= 200:
        raise bad_input([Fault(pointer, code, f"{what} has a name of 1 to 200 characters.")])
    return name


def _exists(what: str, number: int, name: str) -> Exception:
    return conflict(
        f"{what}-exists", f"The {what} exists", f"“{name}” is {what} {number} already. Use that one.", id=number
    )
