"""A program that calls the REST interface in the name of a person, and checks what every answer promises."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pipeline.commands import opening, tokens
from pipeline.queries import seats
from tests import company as companies
from tests.company import INPUTS, SETUP, Company

BASE = "/api/v1"
_lines = itertools.count(1)  # the same free text on three deals of one person is refused


class Program:
    """`program.post("/deals/", {...}, status=201)`; the status is asserted, and so is the shape of a problem."""

    def __init__(self, company: Company, who: str, scope: str = "write") -> None:
        person = company.person(who).pk
        self.secret = tokens.issue(person, "test", scope, 1, by=SETUP).secret
        self.client = Client(raise_request_exception=True)

    def send(self, method: str, address: str, body: Any = None, *, status: int | None = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = "" if body is None else body if isinstance(body, (str, bytes)) else json.dumps(body)
        response = self.client.generic(
            method,
            address if address.startswith("http") else BASE + address,
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}", **named},
        )
        if status is not None:
            assert response.status_code == status, (response.status_code, response.content)
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json"
            said = response.json()
            assert said["status"] == response.status_code
            assert {"type", "title", "detail", "request_id"} <= set(said)
        return response

    def get(self, address: str, status: int = 200, **headers: str) -> Any:
        return self.send("GET", address, status=status, **headers)

    def post(self, address: str, body: Any = None, status: int = 201, **headers: str) -> Any:
        return self.send("POST", address, {} if body is None else body, status=status, **headers)

    def patch(self, address: str, body: Any, status: int = 200, **headers: str) -> Any:
        return self.send("PATCH", address, body, status=status, **headers)

    def upload(self, address: str, name: str, content: bytes, status: int = 201, **headers: str) -> Any:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        response = self.client.post(
            BASE + address,
            {"file": SimpleUploadedFile(name, content)},
            headers={"Authorization": f"Bearer {self.secret}", **named},
        )
        assert response.status_code == status, (response.status_code, response.content)
        return response

    def etag(self, ref: str) -> str:
        return str(self.get(f"/deals/{ref}/")["ETag"])


@cache
def company_in(database: str) -> Company:
    """The small company, built once in each database that keeps what is committed: `company_in(committed_db.name)`."""
    return companies.build()


def slug(response: Any) -> str:
    """The end of a problem's type."""
    return str(response.json()["type"]).rsplit("/", 1)[1]


def codes(response: Any) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in response.json()["errors"]]


def terms(company: Company, **more: Any) -> dict[str, Any]:
    """What opens a deal that passes the first gate."""
    close = (seats.now() + timedelta(days=30)).date()
    return {
        "amount": {"amount": "100000.00", "currency": "USD"},
        "close_on": close.isoformat(),
        "start_on": (close + timedelta(days=20)).isoformat(),
        "account": company.account.pk,
        **INPUTS,
        "economic_buyer": company.contact,
        "need": f"Their packing line number {next(_lines)} stops twice a week",
        **more,
    }


def open_deal(company: Company, who: str = "rep", title: str = "Pallet automation", **more: Any) -> str:
    """The ref of a deal opened by a command."""
    stated = terms(company, **more)
    return opening.open_deal(title, stated, by=company.by(who)).ref
