"""Faults of taste in a policy that can be read. Errors stop a publication, warnings do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipeline.rules import conditions
from pipeline.rules.policy import MilestoneTemplate, Policy, Requirement

MOST_INPUTS = 10
MOST_GATING = 7
LEAST_VERIFIERS = 2
ATTESTING = ("sales", "operations", "finance")
MOST_PLACEHOLDERS = Decimal("0.10")
MOST_SAME = Decimal("0.90")
UNUSED_DAYS = 90

Verifiers = Mapping[tuple[str, str], int]  # (function, unit) → people who may verify there


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: code E1… or W1…, JSON pointer into the document, what is wrong, how to mend it."""

    code: str
    path: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Usage:
    """How an input was answered. Shares of its answers from 0 to 1; days since any decision, gate or report used it."""

    placeholder_share: Decimal = Decimal(0)
    same_value_share: Decimal = Decimal(0)
    unused_days: int = 0


@dataclass(frozen=True, slots=True)
class LintReport:
    """`inputs` counts the required human inputs of the whole path, for the field budget meter."""

    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    inputs: int

    @property
    def publishable(self) -> bool:
        return not self.errors


def lint(
    policy: Policy, *, eligible_verifiers: Verifiers | None, usage: Mapping[str, Usage] | None = None
) -> LintReport:
    """Every error and warning at once, in the order of the codes.

    E1 over ten inputs · E2 input without owner · E3 input that decides nothing · E4 milestone without lead time ·
    E5 fewer than two eligible verifiers in a unit · E6 stage that cannot be reached · E7 condition that cannot be
    compiled · E8 booked not attested by sales, operations and finance · E9 requirement or milestone without owner,
    sentence or remedy. W1 over 10 % placeholders · W2 over seven inputs that gate · W3 same value in over 90 % ·
    W4 unused for 90 days. With `eligible_verifiers` None the check of E5 is left out; a unit without entry has nobody.
    """
    errors = [
        *_budget(policy),
        *_inputs(policy),
        *_lead_times(policy),
        *_verifiers(policy, eligible_verifiers),
        *_reach(policy),
        *_expressions(policy),
        *_attestations(policy),
        *_owners(policy),
    ]
    warnings = [*_gating(policy), *_usage(policy, usage or {})]
    return LintReport(_sorted(errors), _sorted(warnings), len(policy.inputs))


def gating_inputs(policy: Policy) -> tuple[str, ...]:
    """Inputs that can shut a gate: asked for by a requirement or read by a condition."""
    asked: set[str] = set()
    for _, rule in _rules(policy):
        if rule.kind == "input":
            asked.add(rule.key)
        asked |= conditions.fields(rule.expression) | conditions.fields(rule.applies_when)
    return tuple(key for key in policy.inputs if key in asked)


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.code))


def _rules(policy: Policy) -> Iterator[tuple[str, Requirement]]:
    for at, stage in enumerate(policy.stages):
        for place, rule in enumerate(stage.gate):
            yield f"/stages/{at}/gate/{place}", rule


def _milestones(policy: Policy) -> Iterator[tuple[str, MilestoneTemplate]]:
    for at, template in enumerate(policy.milestones.values()):
        yield f"/milestones/{at}", template


def _budget(policy: Policy) -> Iterator[Finding]:
    count = len(policy.inputs)
    if count > MOST_INPUTS:
        say = f"The path asks people for {count} inputs; {MOST_INPUTS} is the most."
        yield Finding("E1", "/inputs", say, f"Remove {count - MOST_INPUTS}, the least used first.")


def _inputs(policy: Policy) -> Iterator[Finding]:
    for at, field in enumerate(policy.inputs.values()):
        if not field.owner_function.strip():
            yield Finding("E2", f"/inputs/{at}/owner_function", f"{field.name} has no owner.", "Name the function.")
        if not field.decides.strip():
            say = f"{field.name} decides nothing."
            yield Finding("E3", f"/inputs/{at}/decides", say, "Say which decision it serves, or remove it.")


def _lead_times(policy: Policy) -> Iterator[Finding]:
    for path, template in _milestones(policy):
        if template.lead_days < 1:
            say = f"{template.name} has no lead time, so a late start cannot be seen."
            yield Finding("E4", f"{path}/lead_days", say, "Give the days that the work takes.")


def _verifiers(policy: Policy, eligible: Verifiers | None) -> Iterator[Finding]:
    if eligible is None:
        return
    units = sorted({unit for _, unit in eligible})
    for path, template in _milestones(policy):
        function = template.owner_function
        short = [unit for unit in units if eligible.get((function, unit), 0) < LEAST_VERIFIERS]
        if short or not units:
            where = ", ".join(short) if units else "any unit"
            say = f"{template.name} has fewer than {LEAST_VERIFIERS} people of {function or 'its owner'} in {where}."
            yield Finding("E5", f"{path}/owner_function", say, "Seat more people there, or name another function.")


def _reach(policy: Policy) -> Iterator[Finding]:
    if policy.stages and policy.stages[0].gate:
        say = f"{policy.stages[0].name} is the first stage, and no gate leads into it."
        yield Finding("E6", "/stages/0/gate", say, "Move its requirements to the next stage.")
    for at, stage in enumerate(policy.stages):
        for place, rule in enumerate(stage.gate):
            why = _never(policy, at, rule)
            if why:
                say = f"{stage.name} cannot be reached: {why}"
                yield Finding("E6", f"/stages/{at}/gate/{place}", say, "Plan it in an earlier stage, or remove it.")


def _never(policy: Policy, at: int, rule: Requirement) -> str:
    """Why a requirement can never be met before its gate, or empty."""
    if rule.kind == "input" and rule.key not in policy.inputs:
        return f"“{rule.key}” is not an input."
    if rule.kind in ("milestone", "handshake"):
        template = policy.milestones.get(rule.key)
        planned = policy.position(template.planned_in) if template else None
        if template is None or planned is None:
            return f"“{rule.key}” is planned nowhere."
        if planned >= at:
            return f"{template.name} is planned only on entering {policy.stages[planned].name}."
    if rule.kind == "condition" and conditions.always_false(rule.expression):
        return "its condition is never true."
    return ""


def _expressions(policy: Policy) -> Iterator[Finding]:
    for path, rule in _rules(policy):
        needed = rule.kind == "condition"
        for name, source in (("expression", rule.expression), ("applies_when", rule.applies_when)):
            if not source and not (needed and name == "expression"):
                continue
            try:
                conditions.compile(source)
            except conditions.Uncompilable as error:
                yield Finding("E7", f"{path}/{name}", str(error), "Mend the expression.")
                continue
            strange = sorted(conditions.fields(source) - conditions.FIELDS - set(policy.inputs))
            if strange:
                say = f"It reads {', '.join(f'deal.{field}' for field in strange)}, which no deal has."
                yield Finding("E7", f"{path}/{name}", say, "Name an input or a fact of the deal.")


def _attestations(policy: Policy) -> Iterator[Finding]:
    last = len(policy.stages) - 1
    gate = policy.stages[last].gate if policy.stages else ()
    signing = {rule.function for rule in gate if rule.kind == "attestation" and not rule.applies_when}
    for function in ATTESTING:
        if function not in signing:
            say = f"Booked is not attested by {function}."
            yield Finding("E8", f"/stages/{last}/gate", say, f"Add an attestation of {function}, without applies_when.")


def _owners(policy: Policy) -> Iterator[Finding]:
    for path, rule in _rules(policy):
        for name in ("owner_function", "sentence", "remedy"):
            if not str(getattr(rule, name)).strip():
                say = f"The requirement “{rule.key}” has no {name.replace('_function', '')}."
                yield Finding("E9", f"{path}/{name}", say, "Nothing waits on nobody: say who acts, on what and where.")
    for path, template in _milestones(policy):
        if not template.owner_function.strip():
            say = f"{template.name} has no owner."
            yield Finding("E9", f"{path}/owner_function", say, "Name the function that verifies it.")


def _gating(policy: Policy) -> Iterator[Finding]:
    count = len(gating_inputs(policy))
    if count > MOST_GATING:
        say = f"{count} inputs can shut a gate; more than {MOST_GATING} tire people into junk."
        yield Finding("W2", "/inputs", say, "Let milestones bind some of them instead.")


def _usage(policy: Policy, usage: Mapping[str, Usage]) -> Iterator[Finding]:
    for at, field in enumerate(policy.inputs.values()):
        used = usage.get(field.key)
        if used is None:
            continue
        path = f"/inputs/{at}"
        if used.placeholder_share > MOST_PLACEHOLDERS:
            say = f"{_percent(used.placeholder_share)} of the answers to {field.name} are placeholders."
            yield Finding("W1", path, say, "Ask later, ask somebody else, or remove it.")
        if used.same_value_share > MOST_SAME:
            say = f"{field.name} has the same value in {_percent(used.same_value_share)} of deals."
            yield Finding("W3", path, say, "Make it a default, or remove it.")
        if used.unused_days >= UNUSED_DAYS:
            say = f"{field.name} was used by no decision, gate or report for {used.unused_days} days."
            yield Finding("W4", path, say, "Remove it.")


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f} %"
