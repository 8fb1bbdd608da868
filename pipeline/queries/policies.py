"""Published policies as values. A version never changes, so a process reads each once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ledger.queries import prepared
from ledger.rules.problems import conflict, not_found
from pipeline.rules import policy_document
from pipeline.rules.policy import SIGNERS, Policy

# A row that this transaction has written itself may be rolled back, and its number be given again.
_DOCUMENT = """
SELECT document, coalesce(age(xmin) > age(pg_current_xact_id_if_assigned()::xid), true)
  FROM public.pipeline_policyversion WHERE version = %s
"""
_kept: dict[int, Policy] = {}
_KEPT_AT_MOST = 64


def version(number: int) -> Policy:
    """The policy of one version."""
    if number in _kept:
        return _kept[number]
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENT, [number])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"there is no policy version {number}")
    policy = policy_document.from_canonical(json.loads(row[0]), number)
    if row[1]:
        if len(_kept) >= _KEPT_AT_MOST:
            _kept.clear()
        _kept[number] = policy
    return policy


def forget() -> None:
    """For a process that turns to another database."""
    _kept.clear()


def in_force() -> Policy:
    """The newest published version: deals that open now are bound to it."""
    return published(
        prepared.row("SELECT max(version) FROM pipeline_policyversion WHERE published_at IS NOT NULL", [])[0]
    )


def published(number: int | None) -> Policy:
    """The policy of the version in force; a conflict where there is none."""
    if number is None:
        raise conflict(
            "no-policy", "No policy is published", "Publish one at /policy/ before opening deals. [POLICY-0]"
        )
    return version(number)


def newest_at(moment: datetime) -> int:
    """The newest version that was published by then; 0 before the first."""
    number: int = prepared.row(
        "SELECT coalesce(max(version), 0) FROM pipeline_policyversion WHERE published_at <= %s", [moment]
    )[0]
    return number


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version as lists show it."""

    version: int
    name: str
    hash: str
    drafted_at: datetime
    drafted_by: int
    published_at: datetime | None


_ROW = "SELECT version, name, hash, drafted_at, drafted_by, published_at FROM pipeline_policyversion"


def row(number: int) -> PolicyRow | None:
    found = prepared.row(f"{_ROW} WHERE version = %s", [number])
    return PolicyRow(*found) if found else None


def listing(limit: int = 50, before: int | None = None) -> list[PolicyRow]:
    """Versions, newest first; `before` is the last version seen."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROW} WHERE version < %s ORDER BY version DESC LIMIT %s", [before or 2**31 - 1, limit])
        return [PolicyRow(*found) for found in cursor.fetchall()]


# Nobody signs what is published, so its signatures are the same at every moment: the past, which would look through the
# moments of the whole record for them, is not asked.
_SIGNERS = """
SELECT said ->> 'function', coalesce(p.name, '') FROM public.pipeline_policyversion v
JOIN public.ledger_entry e ON e.stream = 'policy/' || v.name AND e.kind = 'policy.signed'
CROSS JOIN LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said) AS body
LEFT JOIN pipeline_person p ON p.id = e.actor
WHERE v.version = %s AND said ->> 'hash' = v.hash ORDER BY e.seq
"""


def signatures(name: str, digest: str) -> dict[str, int]:
    """Function → person who signed this content."""
    with connection.cursor() as cursor:
        prepared.execute(
            cursor,
            "SELECT said ->> 'function', actor FROM ledger_entry,"
            " LATERAL (SELECT convert_from(envelope, 'UTF8')::jsonb -> 'body' AS said) AS body"
            " WHERE stream = %s AND kind = 'policy.signed' AND said ->> 'hash' = %s",
            [f"policy/{name}", digest],
        )
        return dict(cursor.fetchall())


def signers(number: int) -> dict[str, str]:
    """Function → name of who signed this version, which is published; empty where somebody is gone."""
    return dict(prepared.rows(_SIGNERS, [number]))


@dataclass(frozen=True, slots=True)
class PolicyDetail:
    """A version with its document and who has signed it; `missing` are the functions still to sign."""

    row: PolicyRow
    document: dict[str, Any]
    signatures: dict[str, int]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(function for function in SIGNERS if function not in self.signatures)


def detail(number: int) -> PolicyDetail:
    """Raises not-found."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version, name, hash, drafted_at, drafted_by, published_at, document"
            " FROM pipeline_policyversion WHERE version = %s",
            [number],
        )
        found = cursor.fetchone()
    if found is None:
        raise not_found(f"Policy version {number}")
    row = PolicyRow(*found[:6])
    return PolicyDetail(row, json.loads(found[6]), signatures(row.name, row.hash))
