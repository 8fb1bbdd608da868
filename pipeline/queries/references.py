"""Whether what a deal names exists: account, products, seats. One query for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import connection

from ledger.rules.problems import Fault
from pipeline.rules import quality
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.seats import SeatView


def faults(view: DealView) -> list[Fault]:
    """A fault for each account, product or credited seat that does not exist."""
    names = _names(view)
    found = []
    if view.account is not None and not names["account"]:
        found.append(Fault("/account", "DEAL-ACCOUNT-1", f"Account {view.account} does not exist. Open it first."))
    for at, line in enumerate(view.lines):
        if line.product not in names["products"]:
            found.append(
                Fault(f"/lines/{at}/product", "DEAL-LINE-3", f"Product {line.product} is not listed. List it first.")
            )
    if len(names["seats"]) < len(set(view.credits)):
        found.append(Fault("/credits", "DEAL-CREDIT-1", "A credited seat does not exist."))
    return found


def with_names(view: DealView) -> DealView:
    """The same deal, its lines carrying the product names of this moment."""
    if not view.lines:
        return view
    products = _names(view)["products"]
    return replace(view, lines=tuple(replace(line, name=products[line.product]) for line in view.lines))


def _names(view: DealView):  # type: ignore[no-untyped-def]
    if view.account is None and not view.lines and not view.credits:
        return {"account": False, "products": {}, "seats": set()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'account', id, name FROM pipeline_account WHERE id = %s"
            " UNION ALL SELECT 'product', id, name FROM pipeline_product WHERE id = ANY (%s)"
            " UNION ALL SELECT 'seat', id, '' FROM pipeline_seat WHERE id = ANY (%s)",
            [view.account, [line.product for line in view.lines], list(view.credits)],
        )
        rows = cursor.fetchall()
    return {
        "account": any(what == "account" for what, _, _ in rows),
        "products": {key: name for what, key, name in rows if what == "product"},
        "seats": {key for what, key, _ in rows if what == "seat"},
    }


def seat(number: int) -> SeatView | None:
    """An open seat."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, function, unit, role FROM pipeline_seat WHERE id = %s AND from_at <= ledger_now()"
            " AND (until_at IS NULL OR until_at > ledger_now())",
            [number],
        )
        row = cursor.fetchone()
    return SeatView(*row) if row else None


def input_faults(policy: Policy, inputs: Mapping[str, Any], person: int, deal: int) -> list[Fault]:
    """Faults of inputs that only other rows can tell: a contact that does not exist, a text said too often."""
    return _strangers(policy, inputs) + _repeated(policy, inputs, person, deal)


def _strangers(policy: Policy, inputs: Mapping[str, Any]) -> list[Fault]:
    named = {key: value for key, value in inputs.items() if value and policy.inputs[key].type == "contact"}
    if not named:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM pipeline_contact WHERE id = ANY (%s)", [list(named.values())])
        known = {row[0] for row in cursor.fetchall()}
    return [
        Fault(f"/{key}", "DEAL-CONTACT-1", f"Contact {value} does not exist. Add the contact to the account first.")
        for key, value in named.items()
        if value not in known
    ]


def _repeated(policy: Policy, inputs: Mapping[str, Any], person: int, deal: int) -> list[Fault]:
    """A fault for each free text that this person has given on too many other deals within seven days."""
    faults = []
    for key, text in inputs.items():
        field = policy.inputs[key]
        if field.type != "text" or not text:
            continue
        fault = quality.repeated(field, text, 1 + _others(quality.same_text(text), person, deal))
        if fault:
            faults.append(fault)
    return faults


def _others(text: str, person: int, deal: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT kept.subject) FROM ledger_private_value kept"
            " JOIN ledger_entry e ON e.stream = kept.subject AND e.actor = %s"
            " AND e.kind IN ('deal.opened', 'deal.amended') AND e.recorded_at > ledger_now() - interval '7 days'"
            " WHERE md5(lower(kept.value)) = md5(%s) AND kept.subject <> %s",
            [person, text, f"deal/{deal}"],
        )
        count: int = cursor.fetchone()[0]
    return count


def people_near(view: DealView) -> frozenset[int]:
    """Who owns the deal or is paid on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(person_id) FROM pipeline_seat WHERE id = ANY (%s)", [[view.owner, *view.credits]]
        )
        return frozenset(cursor.fetchone()[0] or ())
