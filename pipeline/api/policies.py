"""Policies: read, lint, draft and sign."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import ANYTHING, Schema, takes, text
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from ledger.api.writes import writes
from pipeline import permissions
from pipeline.commands import policies as commands
from pipeline.queries import lints, organisation, policies, trials
from pipeline.queries.policies import PolicyDetail, PolicyRow
from pipeline.queries.trials import Trialled
from pipeline.rules import policy_document, trial

_VERSION = describe.path("number", say="A version.")
_TEXT: Schema = {"oneOf": [{"type": "string", "minLength": 1}, ANYTHING]}
_DOCUMENT: Schema = takes("document", document=_TEXT)
_DAYS: Schema = {"type": "integer", "minimum": 1, "maximum": trials.MOST_DAYS, "default": trials.DAYS}
_TRIED: Schema = takes("document", document=_TEXT, days=_DAYS)
_SHOWN = 200  # deals of each sort that an answer names


class Policies(ApiView):
    @describe.listing("List policies", "Policy")
    def get(self, request: Request) -> Response:
        """Versions, newest first."""
        asked = paging.query(request)
        before, limit = asked.number("after", most=2**31 - 1), paging.limit(asked)
        asked.done()
        rows = policies.listing(limit + 1, before)
        return paging.page(request, map(_policy, rows[:limit]), rows[limit - 1].version if len(rows) > limit else None)


class Policy(ApiView):
    @describe.read("Read a policy", "PolicyDetail", _VERSION)
    def get(self, request: Request, number: int) -> Response:
        """A version with its document, its signatures and the functions whose signature is missing."""
        return Response(_detail(policies.detail(number)))


class Lints(ApiView):
    @describe.write("Lint a policy", _DOCUMENT, "Lint", status=200)
    def post(self, request: Request) -> Response:
        """Says everything that is wrong with a document (YAML text, or JSON). Nothing is kept."""
        found = lints.report(_only_document(request))
        return Response(
            {
                "publishable": found.publishable,
                "inputs": found.inputs,
                "faults": [fault.as_dict() for fault in found.faults],
                "errors": [asdict(finding) for finding in found.errors],
                "warnings": [asdict(finding) for finding in found.warnings],
            }
        )


class Backtests(ApiView):
    @describe.write("Backtest a policy", _TRIED, "Backtest", status=200)
    def post(self, request: Request) -> Response:
        """What a document would do: to the open deals of today, and what it would have stopped in the last `days`.

        Nothing is kept, and deals under way keep their version. For who sees every unit: it counts over all of them.
        """
        permissions.check_can_try(self.seats)
        stated = Reader(request.data)
        document = _document(stated)
        days = stated.number("days", least=1, most=trials.MOST_DAYS) or trials.DAYS
        stated.done()
        return Response(_trial(trials.run(policy_document.load(document), days)))


class Publications(ApiView):
    @describe.write("Draft a policy", _DOCUMENT, "PolicyDetail")
    @writes
    def post(self, request: Request) -> Response:
        """Drafts the next version; it is published by the third signature. The same content is one draft."""
        drafted = commands.draft(_only_document(request), by=self.actor)
        return Response(_detail(policies.detail(drafted.version)), 201)


class Signatures(ApiView):
    @describe.write("Sign a policy", takes("function", function=text(1, 40)), "PolicyDetail", _VERSION)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Signs a draft for a function that you hold; one person signs for one function."""
        stated = Reader(request.data)
        function = stated.text("function", required=True, most=40)
        stated.done()
        commands.sign(number, function, by=self.actor)
        return Response(_detail(policies.detail(number)), 201)


def _only_document(request: Request) -> Any:
    stated = Reader(request.data)
    document = _document(stated)
    stated.done()
    return document


def _document(stated: Reader) -> Any:
    document = stated.value("document", required=True)
    if document not in (None, "") and not isinstance(document, (str, dict)):
        stated.fault("document", "POLICY-1", "A policy is YAML text, or the same as a JSON object.")
    return document


def _trial(found: Trialled) -> dict[str, Any]:
    currency = organisation.company().currency

    def changed(verdict: trial.Verdict) -> dict[str, Any]:
        rows = found.today.of(verdict)
        return {
            "count": len(rows),
            "value": money(found.value(rows), currency),
            "deals": [
                {
                    "deal": row.ref, "title": row.title, "stage": row.stage, "unit": row.unit,
                    "value": None if row.value_minor is None else money(row.value_minor, currency),
                    "reasons": list(row.reasons), "acting": list(found.acting.get(row.deal, ())),
                } for row in rows[:_SHOWN]
            ],
        }  # fmt: skip

    before = found.before
    return {
        "today": {
            "judged": found.today.judged, "whole": found.today.whole, "blocked": changed("blocked"),
            "released": changed("released"), "booked_unchanged": found.today.booked,
        },
        "before": {
            "days": found.days, "passed": before.steps, "would_be_blocked": before.blocked, "deals": before.deals,
            "value": money(before.value_minor, currency), "by_requirement": before.by_key,
        },
        "cost": {
            "sentence": found.cost.sentence(), "input_seconds": int(found.cost.input_seconds),
            "wait_seconds": int(found.cost.wait_seconds), "assumed_inputs": list(found.cost.assumed),
        },
        "verifiers_short": [{"milestone": name, "unit": unit} for name, unit in found.short],
    }  # fmt: skip


def _policy(row: PolicyRow) -> dict[str, Any]:
    return {
        "version": row.version,
        "name": row.name,
        "hash": row.hash,
        "drafted_at": moment(row.drafted_at),
        "drafted_by": row.drafted_by,
        "published_at": moment(row.published_at),
    }


def _detail(found: PolicyDetail) -> dict[str, Any]:
    return {
        **_policy(found.row),
        "signatures": [{"function": function, "person": person} for function, person in found.signatures.items()],
        "missing": list(found.missing),
        "document": found.document,
    }
