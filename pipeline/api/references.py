"""Accounts, contacts and products: lists, one of them, and opening a new one."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import FLAG, NUMBER, maybe, takes, text
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.money import price
from pipeline.api.schemas import ASKED_MONEY
from pipeline.commands import references
from pipeline.models import Account, Contact, Product
from pipeline.queries import reference_lists

_ID = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_NUMBER = describe.path("number")
_ACCOUNT = takes("name", name=text(1, 200), sector=text(0, 100), country=text(0, 100), parent=maybe(_ID))
_CONTACT = takes(
    "account", "name", account=_ID, name=text(1, 200), email={"type": "string", "maxLength": 254}, job=text(0, 200)
)
_PRODUCT = takes("name", name=text(1, 200), series=text(0, 100), price=ASKED_MONEY)


class Accounts(ApiView):
    @describe.listing("List accounts", "Account", describe.query("q", text(0, 200), "The beginning of a name."))
    def get(self, request: Request) -> Response:
        asked = paging.query(request)
        q, after, limit = asked.text("q", most=200), asked.number("after") or 0, paging.limit(asked)
        asked.done()
        return _page(request, reference_lists.accounts(q=q, after=after, limit=limit + 1), limit, account)

    @describe.write("Open an account", _ACCOUNT, "Account")
    @writes
    def post(self, request: Request) -> Response:
        """Opens a customer; a name that is taken is a 409 that says whose it is."""
        stated = Reader(request.data)
        name = stated.text("name", required=True, most=200)
        sector, country = stated.text("sector", most=100), stated.text("country", most=100)
        parent = stated.number("parent")
        above = reference_lists.account_or_none(parent)
        if parent is not None and above is None:
            stated.fault("parent", "ACCOUNT-2", f"Account {parent} does not exist. Open it first.")
        stated.done()
        opened = references.open_account(name, by=self.actor, sector=sector, country=country, parent=above)
        return Response(account(opened), 201)


class OneAccount(ApiView):
    @describe.read("Read an account", "Account", _NUMBER)
    def get(self, request: Request, number: int) -> Response:
        return Response(account(reference_lists.account(number)))


class Contacts(ApiView):
    @describe.listing("List contacts", "Contact", describe.query("account", NUMBER))
    def get(self, request: Request) -> Response:
        asked = paging.query(request)
        of, after, limit = asked.number("account"), asked.number("after") or 0, paging.limit(asked)
        asked.done()
        return _page(request, reference_lists.contacts(account=of, after=after, limit=limit + 1), limit, contact)

    @describe.write("Add a contact", _CONTACT, "Contact")
    @writes
    def post(self, request: Request) -> Response:
        stated = Reader(request.data)
        of, name = stated.number("account", required=True), stated.text("name", required=True, most=200)
        email, job = stated.email("email"), stated.text("job", most=200)
        stated.done()
        return Response(contact(references.add_contact(of or 0, name, by=self.actor, email=email, job=job)), 201)


class OneContact(ApiView):
    @describe.read("Read a contact", "Contact", _NUMBER)
    def get(self, request: Request, number: int) -> Response:
        return Response(contact(reference_lists.contact(number)))


class Products(ApiView):
    @describe.listing("List products", "Product", describe.query("active", FLAG))
    def get(self, request: Request) -> Response:
        asked = paging.query(request)
        active, after, limit = asked.flag("active"), asked.number("after") or 0, paging.limit(asked)
        asked.done()
        return _page(request, reference_lists.products(active=active, after=after, limit=limit + 1), limit, product)

    @describe.write("List a product", _PRODUCT, "Product")
    @writes
    def post(self, request: Request) -> Response:
        """Puts a product on the price list; `price` as {"amount", "currency"}."""
        stated = Reader(request.data)
        name, series = stated.text("name", required=True, most=200), stated.text("series", most=100)
        asked = stated.value("price")
        stated.done()
        minor, currency = price(asked, "/price") if asked is not None else (None, "USD")
        listed = references.list_product(name, by=self.actor, series=series, price_minor=minor, currency=currency)
        return Response(product(listed), 201)


class OneProduct(ApiView):
    @describe.read("Read a product", "Product", _NUMBER)
    def get(self, request: Request, number: int) -> Response:
        return Response(product(reference_lists.product(number)))


def _page(request: Request, rows: list[Any], limit: int, shape: Any) -> Response:
    return paging.page(request, map(shape, rows[:limit]), rows[limit - 1].pk if len(rows) > limit else None)


def account(row: Account) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "sector": row.sector,
        "country": row.country,
        "parent": row.parent_id,
        "opened_at": moment(row.opened_at),
    }


def contact(row: Contact) -> dict[str, Any]:
    return {"id": row.pk, "account": row.account_id, "name": row.name, "email": row.email, "job": row.job}


def product(row: Product) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "series": row.series,
        "price": money(row.price_minor, row.currency),
        "active": row.is_active,
    }
