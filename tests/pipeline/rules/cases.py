"""Deals and standings for the rules' tests: the default policy, one moment, a deal that may be booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ledger.rules.standing import Standing, waiver_key
from pipeline.rules import policy_document, terms
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy, Requirement

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = (Path(__file__).parents[3] / "pipeline" / "policies" / "default.yaml").read_text(encoding="utf-8")
POLICY = policy_document.load(TEXT, version=7)
INPUTS = {
    "economic_buyer": 12,
    "need": "Two pallet lines replace manual picking in Rotterdam.",
    "delivery_units": 120,
    "delivery_months": 3,
    "billing_terms": "monthly",
}


def deal(**changes: Any) -> DealView:
    """EUR 250,000.00 in `commit`, every input given; `terms` follows the facts unless given."""
    values: dict[str, Any] = {
        "id": 1,
        "ref": "D-000001",
        "stage": "commit",
        "version": 4,
        "unit": "east",
        "owner": 5,
        "owner_person": 6,
        "policy_version": 7,
        "account": 8,
        "amount_minor": 25_000_000,
        "currency": "EUR",
        "close_on": date(2026, 12, 1),
        "start_on": date(2027, 1, 1),
        "inputs": INPUTS,
        "value_minor": 27_500_000,
    }
    view = DealView(**{**values, **changes})
    return view if "terms" in changes else replace(view, terms=terms.fingerprint(view))


def verified(key: str, entry: int, facts: dict[str, Any] | None = None, **changes: Any) -> Standing:
    values: dict[str, Any] = {"entry_id": entry, "at": NOW - timedelta(days=2), "facts": facts or {}}
    return Standing(key, "met", "verified", **{**values, **changes})


def waived(key: str, entry: int = 90, days: int = 5) -> Standing:
    """The waiver that stands beside the requirement `key`."""
    return Standing(waiver_key(key), "waived", "granted", entry_id=entry, valid_until=NOW + timedelta(days=days))


def complete(view: DealView) -> dict[str, Standing]:
    """Everything that the gate into `booked` asks for, bound to the facts of this deal."""
    money = {"amount": view.amount_minor, "currency": view.currency}
    window = {
        "start_on": str(view.start_on),
        **{key: view.inputs[key] for key in ("delivery_units", "delivery_months")},
    }
    found = [
        verified("delivery-plan-accepted", 11),
        verified(
            "credit-approved",
            12,
            {"facts": money, "tolerance": {"amount": "0.05"}},
            valid_until=NOW + timedelta(days=178),
        ),
        verified("contract-signed", 13, {"facts": {**money, "account": view.account}}),
        verified("capacity-confirmed", 14, {"facts": window}),
        Standing("capacity-reserved", "met", "confirmed", entry_id=19, function="sales", facts={"facts": window}),
        verified("billing-terms-verified", 15, {"facts": {**money, "billing_terms": view.inputs["billing_terms"]}}),
    ]
    for at, function in enumerate(("sales", "operations", "finance"), start=16):
        found.append(
            Standing(
                f"attested-{function}", "met", "given", entry_id=at, function=function, facts={"terms": view.terms}
            )
        )
    return {standing.key: standing for standing in found}


def small(*gate: Requirement, **parts: Any) -> Policy:
    """A policy of two stages, `one` and `two`, with this gate between them."""
    stages = (POLICY.stages[0].__class__("one", "One"), POLICY.stages[0].__class__("two", "Two", gate))
    values = {"inputs": {}, "milestones": {}, "loss_reasons": ("price",), **parts}
    return Policy("small", 1, "0" * 64, stages, **values)


def rule(key: str, kind: Any, **changes: Any) -> Requirement:
    values = {"sentence": f"{key} holds.", "owner_function": "finance", "remedy": "Mend it.", **changes}
    return Requirement(key, kind, **values)
