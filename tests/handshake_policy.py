"""The default policy with its delivery plan as a handshake that rests on the amount."""

from __future__ import annotations

from typing import Any

import yaml

from pipeline.commands import policies
from tests.company import DEFAULT_POLICY, Company

PLAN = "delivery-plan-accepted"


def publish(company: Company, applies_when: str | None = None, **more: Any) -> None:
    """`applies_when`: of which deals gates ask for it; `more` of its template, such as `blocks=True`."""
    document = yaml.safe_load(DEFAULT_POLICY.read_text())
    for stage in document["stages"]:
        for need in stage.get("gate", ()):
            if need["key"] == PLAN:
                need |= {"kind": "handshake"} | ({"applies_when": applies_when} if applies_when else {})
    next(one for one in document["milestones"] if one["key"] == PLAN).update(binds=["amount"], **more)
    drafted = policies.draft(document, by=company.by("steward"))
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=company.by(short))
