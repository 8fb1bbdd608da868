"""Drafts, signs and publishes policies. A version is immutable and stands under three signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, Problem, conflict, forbidden, not_found
from ledger.transactions import command
from pipeline import permissions
from pipeline.queries import lints, policies, seats
from pipeline.rules import policy_document
from pipeline.rules.policy import SIGNERS as SIGNERS
from pipeline.rules.policy import Policy
from pipeline.rules.policy_lint import LintReport


def lint(document: str | Mapping[str, Any]) -> tuple[Policy, LintReport]:
    """Reads a document and judges it against the people who are there. Raises policy-invalid with every fault."""
    policy = policy_document.load(document)
    return policy, lints.judge(policy)


@dataclass(frozen=True, slots=True)
class Drafted:
    version: int
    hash: str
    fresh: bool


@command
def draft(document: str | Mapping[str, Any], *, by: Actor) -> Drafted:
    """Stores a linted document as the next version; writes `policy.drafted`. The same content is one draft."""
    permissions.check_can_steward(seats.of_person(by.person))
    policy, report = lint(document)
    if report.errors:
        faults = tuple(Fault(found.path, found.code, f"{found.message} {found.fix}") for found in report.errors)
        raise Problem("policy-invalid", 422, "The policy was not drafted", f"{len(faults)} errors.", faults)
    canonical = policy_document.canonical(policy)
    digest = policy_document.content_hash(canonical)
    chain = lock(f"policy/{policy.name}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM pipeline_policyversion WHERE hash = %s", [digest])
        row = cursor.fetchone()
        if row:
            return Drafted(row[0], digest, False)
        cursor.execute("SELECT coalesce(max(version), 0) + 1 FROM pipeline_policyversion")
        version: int = cursor.fetchone()[0]
    append(chain, Draft("policy.drafted", {"version": version, "hash": digest, "document": canonical}), by=by)
    return Drafted(version, digest, True)


@command
def sign(version: int, function: str, *, by: Actor) -> bool:
    """Signs a draft for a function; writes `policy.signed`, and `policy.published` with the third signature.

    Returns whether it is published now. One person signs for one function.
    """
    held = seats.of_person(by.person)
    row = policies.row(version)
    if row is None:
        raise not_found(f"Policy version {version}")
    if function not in SIGNERS or not any(seat.function == function for seat in held):
        raise forbidden(f"A policy is signed for {function} by somebody who holds it. [POLICY-SIGN-1]")
    chain = lock(f"policy/{row.name}")
    signatures = policies.signatures(row.name, row.hash)
    if row.published_at is not None:
        raise conflict("policy-published", "The policy is published", f"Version {version} is published already.")
    if any(person == by.person for person in signatures.values()):
        raise conflict("policy-signed", "You have signed", "One person signs for one function. Ask another to sign.")
    if function in signatures:
        raise conflict("policy-signed", "Already signed", f"{function} has signed version {version} already.")
    body = {"version": version, "hash": row.hash}
    append(chain, Draft("policy.signed", {**body, "function": function}), by=by)
    if len({**signatures, function: by.person}) < len(SIGNERS):
        return False
    append(chain, Draft("policy.published", body), by=by)
    return True
