"""Deals and decisions as programs read them."""

from __future__ import annotations

from typing import Any

from ledger.api.shapes import day, moment, money
from ledger.rules.problems import Problem, conflict
from ledger.rules.standing import Standing
from pipeline.queries.deals import ref_of
from pipeline.queries.detail import Detail
from pipeline.queries.listing import DealRow
from pipeline.rules.decision import Decision, Result


def summary(row: DealRow) -> dict[str, Any]:
    (number, title, stage, unit, owner, person, name, account, account_name, amount_minor, currency, value_minor,
     reporting, close_on, start_on, place, version, policy_version, stage_entered_at, blocked) = row  # fmt: skip
    return {
        "ref": ref_of(number),
        "title": title,
        "stage": stage,
        "unit": unit,
        "owner": {"seat": owner, "person": person, "name": name},
        "account": _account(account, account_name),
        "amount": money(amount_minor, currency),
        "value": money(value_minor, reporting),
        "close_on": day(close_on),
        "start_on": day(start_on),
        "stage_entered_at": moment(stage_entered_at),
        "version": version,
        "policy_version": policy_version,
        "booked": place == "booked",
        "blocked": blocked,
    }


def deal(found: Detail) -> dict[str, Any]:
    view = found.view
    return {
        "ref": view.ref,
        "title": found.title,
        "description": found.description,
        "stage": view.stage,
        "unit": view.unit,
        "owner": {"seat": view.owner, "person": view.owner_person, "name": found.owner_name},
        "account": _account(view.account, found.account_name),
        "amount": money(view.amount_minor, view.currency),
        "value": money(view.value_minor, found.reporting),
        "close_on": day(view.close_on),
        "start_on": day(view.start_on),
        "stage_entered_at": moment(view.stage_entered_at),
        "inputs": dict(view.inputs),
        "lines": [
            {
                "product": line.product,
                "name": line.name,
                "quantity": line.quantity,
                "price": money(line.price_minor, view.currency or found.reporting),
            }
            for line in view.lines
        ],
        "credits": list(view.credits),
        "terms": view.terms,
        "version": view.version,
        "policy_version": view.policy_version,
        "booked": view.place == "booked",
        "milestones": [_standing(standing) for standing in found.milestones],
        "attestations": [_standing(standing) for standing in found.attestations],
        "as_of": moment(found.at),
    }


def _account(number: int | None, name: str | None) -> dict[str, Any] | None:
    return None if number is None else {"id": number, "name": name or ""}


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "key": standing.key,
        "function": standing.function,
        "state": standing.status,
        "due": moment(standing.due_at),
        "valid_until": moment(standing.valid_until),
    }


def decision(said: Decision) -> dict[str, Any]:
    return {
        "from": said.from_stage,
        "to": said.to_stage,
        "passed": said.passed,
        "requirements": [requirement(result) for result in said.results],
        "policy_version": said.policy_version,
    }


def requirement(result: Result) -> dict[str, Any]:
    return {
        "key": result.key,
        "kind": result.kind,
        "state": result.state,
        "status": result.status,
        "message": result.message,
        "owner_function": result.owner_function,
        "who": result.who,
        "due": moment(result.due),
        "remedy": result.remedy,
        "code": result.code,
    }


def refusal(said: Decision) -> Problem:
    """A shut gate as a problem. It is on the record already, so nobody raises this: it is an answer."""
    count = len(said.refusals)
    return conflict(
        "gate-refused",
        f"The gate to {said.to_stage} is shut",
        f"{count} requirement{'s' if count != 1 else ''} to meet first; each says who can meet it and how.",
        **decision(said),
        refusals=[
            {name: value for name, value in requirement(result).items() if name not in ("state", "who")}
            for result in said.refusals
        ],
    )
