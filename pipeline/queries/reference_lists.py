"""Reference data as lists show it: by cursor, oldest first, one query each."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ledger.rules.problems import not_found
from pipeline.models import Account, BusinessFunction, Contact, Product, Seat, Unit
from pipeline.queries import seats


def accounts(*, q: str = "", after: int = 0, limit: int = 50) -> list[Account]:
    """`q` is the beginning of a name."""
    return _page(Account.objects.filter(name__istartswith=q) if q else Account.objects.all(), after, limit)


def account(number: int) -> Account:
    return _one(Account.objects.all(), number, "Account")


def account_or_none(number: int | None) -> Account | None:
    return Account.objects.filter(pk=number).first() if number is not None else None


def contacts(*, account: int | None = None, after: int = 0, limit: int = 50) -> list[Contact]:
    rows = Contact.objects.all()
    return _page(rows if account is None else rows.filter(account_id=account), after, limit)


def contact(number: int) -> Contact:
    return _one(Contact.objects.all(), number, "Contact")


def products(*, active: bool | None = None, after: int = 0, limit: int = 50) -> list[Product]:
    rows = Product.objects.all()
    return _page(rows if active is None else rows.filter(is_active=active), after, limit)


def product(number: int) -> Product:
    return _one(Product.objects.all(), number, "Product")


def units(*, after: str = "", limit: int = 50) -> list[Unit]:
    return list(Unit.objects.filter(key__gt=after).order_by("key")[:limit])


def functions(*, after: str = "", limit: int = 50) -> list[BusinessFunction]:
    return list(BusinessFunction.objects.filter(key__gt=after).order_by("key")[:limit])


def open_seats(*, function: str = "", unit: str = "", after: int = 0, limit: int = 50) -> list[Seat]:
    """Seats that somebody holds now; a seat without unit counts in every unit."""
    now = seats.now()
    rows = Seat.objects.select_related("person").filter(from_at__lte=now).exclude(until_at__lte=now)
    if function:
        rows = rows.filter(function_id=function)
    if unit:
        rows = rows.filter(unit_id=unit)
    return _page(rows, after, limit)


def _page(rows: QuerySet[Any], after: int, limit: int) -> list[Any]:
    return list(rows.filter(pk__gt=after).order_by("pk")[:limit])


def _one(rows: QuerySet[Any], number: int, what: str) -> Any:
    found = rows.filter(pk=number).first()
    if found is None:
        raise not_found(f"{what} {number}")
    return found
