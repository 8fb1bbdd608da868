"""Whether what a deal names exists: account, products, seats. One query for all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from ledger.queries import prepared
from ledger.rules.problems import Fault
from pipeline.rules import quality
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.seats import SeatView

# Texts are told apart by place; each counts the other deals on which this person has said the same within seven days.
# Arrays come through a sub-select, so that the plan does not depend on their length and is made once.
NAMED = """
SELECT 'account', id, name FROM pipeline_account WHERE id = %(account)s
UNION ALL SELECT 'product', id, name FROM pipeline_product WHERE id = ANY ((SELECT %(products)s::bigint[])::bigint[])
UNION ALL SELECT 'seat', id, '' FROM pipeline_seat WHERE id = ANY ((SELECT %(seats)s::bigint[])::bigint[])
UNION ALL SELECT 'contact', id, '' FROM pipeline_contact WHERE id = ANY ((SELECT %(contacts)s::bigint[])::bigint[])
UNION ALL SELECT 'text', place, (
        SELECT count(DISTINCT kept.subject) FROM ledger_private_value kept
        JOIN ledger_entry e ON e.stream = kept.subject AND e.actor = %(person)s
            AND e.kind IN ('deal.opened', 'deal.amended') AND e.recorded_at > ledger_now() - interval '7 days'
        WHERE md5(ledger_same_text(kept.value)) = md5(ledger_same_text(said)) AND kept.subject <> %(stream)s
    )::text FROM unnest((SELECT %(texts)s::text[])) WITH ORDINALITY AS given (said, place)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is of what a deal names; `others` by input: deals of the same person that say the same."""

    account: str | None  # its name
    products: Mapping[int, str]
    seats: frozenset[int]
    contacts: frozenset[int]
    others: Mapping[str, int]


def known(view: DealView, policy: Policy, inputs: Mapping[str, Any], person: int) -> Known:
    """Asks for everything that the deal names, and for what `inputs` (those that are stated now) say."""
    spoken = texts(policy, inputs)
    values = {"account": view.account, "lines": view.lines, "credits": view.credits}
    names = asked(policy, values, inputs, spoken) | {"person": person, "stream": f"deal/{view.id}"}
    return said(prepared.rows(NAMED, names), spoken)


def texts(policy: Policy | None, inputs: Mapping[str, Any]) -> list[str]:
    """The inputs that are text and say something. Of no policy there are no inputs."""
    return [key for key, text in inputs.items() if text and policy and policy.inputs[key].type == "text"]


def asked(
    policy: Policy | None, values: Mapping[str, Any], inputs: Mapping[str, Any], spoken: Sequence[str]
) -> dict[str, Any]:
    """What NAMED asks about a deal with these fields, but for the person and the stream; `spoken` are its `texts`."""
    return {
        "account": values.get("account"),
        "products": [line.product for line in values.get("lines", ())],
        "seats": list(values.get("credits", ())),
        "contacts": list(_contacts(policy, inputs).values()) if policy else [],
        "texts": [inputs[key] for key in spoken],
    }


def said(rows: Iterable[Sequence[Any]], spoken: Sequence[str]) -> Known:
    """What the rows of NAMED say."""
    by: dict[str, dict[int, str]] = {"account": {}, "product": {}, "seat": {}, "contact": {}, "text": {}}
    for what, number, name in rows:
        by[what][number] = name
    return Known(
        next(iter(by["account"].values()), None),
        by["product"],
        frozenset(by["seat"]),
        frozenset(by["contact"]),
        {spoken[place - 1]: int(count) for place, count in by["text"].items()},
    )


def nothing() -> Known:
    """Nothing was asked."""
    return said((), ())


def faults(view: DealView, policy: Policy, inputs: Mapping[str, Any], there: Known) -> list[Fault]:
    """A fault for each account, product, credited seat or contact that does not exist, and each text said too often."""
    found = []
    if view.account is not None and there.account is None:
        found.append(Fault("/account", "DEAL-ACCOUNT-1", f"Account {view.account} does not exist. Open it first."))
    for at, line in enumerate(view.lines):
        if line.product not in there.products:
            found.append(
                Fault(f"/lines/{at}/product", "DEAL-LINE-3", f"Product {line.product} is not listed. List it first.")
            )
    if len(there.seats) < len(set(view.credits)):
        found.append(Fault("/credits", "DEAL-CREDIT-1", "A credited seat does not exist."))
    found += [
        Fault(f"/{key}", "DEAL-CONTACT-1", f"Contact {value} does not exist. Add the contact to the account first.")
        for key, value in _contacts(policy, inputs).items()
        if value not in there.contacts
    ]
    repeated = (quality.repeated(policy.inputs[key], inputs[key], 1 + count) for key, count in there.others.items())
    return found + [fault for fault in repeated if fault]


def with_names(view: DealView, there: Known) -> DealView:
    """The same deal, its lines carrying the product names of this moment."""
    if not view.lines:
        return view
    return replace(view, lines=tuple(replace(line, name=there.products[line.product]) for line in view.lines))


def _contacts(policy: Policy, inputs: Mapping[str, Any]) -> dict[str, int]:
    return {key: value for key, value in inputs.items() if value and policy.inputs[key].type == "contact"}


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


def people_near(view: DealView) -> frozenset[int]:
    """Who owns the deal or is paid on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(person_id) FROM pipeline_seat WHERE id = ANY (%s)", [[view.owner, *view.credits]]
        )
        return frozenset(cursor.fetchone()[0] or ())
