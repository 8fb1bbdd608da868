"""What a form offers: accounts, contacts, products, by name."""

from __future__ import annotations

from pipeline.models import Account, Contact, Product
from pipeline.rules import names

MOST = 500


def accounts() -> list[tuple[int, str]]:
    return list(Account.objects.order_by("name").values_list("pk", "name")[:MOST])


def account_named(name: str) -> int | None:
    return Account.objects.filter(name__iexact=names.plain(name)).values_list("pk", flat=True).first()


def account_name(number: int | None) -> str:
    return (Account.objects.filter(pk=number).values_list("name", flat=True).first() or "") if number else ""


def contacts(account: int | None) -> list[tuple[int, str]]:
    """Of one account; nobody when there is no account yet."""
    if account is None:
        return []
    return list(Contact.objects.filter(account_id=account).order_by("name").values_list("pk", "name")[:MOST])


def products() -> list[tuple[int, str]]:
    return list(Product.objects.filter(is_active=True).order_by("name").values_list("pk", "name")[:MOST])


def contact_names(numbers: list[int]) -> dict[int, str]:
    return dict(Contact.objects.filter(pk__in=numbers).values_list("pk", "name"))
