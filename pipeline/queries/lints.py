"""What is wrong with a policy document, as a report instead of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.rules.problems import Fault, Problem
from pipeline.queries import seats, usage
from pipeline.rules import policy_document, policy_lint
from pipeline.rules.policy import Policy
from pipeline.rules.policy_lint import Finding, LintReport


@dataclass(frozen=True, slots=True)
class Report:
    """`faults` stop the document from being read; then there are no findings, and `inputs` is None."""

    faults: tuple[Fault, ...] = ()
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    inputs: int | None = None

    @property
    def publishable(self) -> bool:
        return not self.faults and not self.errors


def judge(policy: Policy) -> LintReport:
    """A policy that can be read, judged against the people who are there now and how its inputs were answered."""
    return policy_lint.lint(policy, eligible_verifiers=seats.eligible_verifiers(), usage=usage.of_inputs(policy))


def report(document: str | Mapping[str, Any]) -> Report:
    """Every fault, error and warning at once, judged against the people who are there now."""
    try:
        policy = policy_document.load(document)
    except Problem as problem:
        return Report(faults=tuple(problem.faults))
    found = judge(policy)
    return Report((), found.errors, found.warnings, found.inputs)
