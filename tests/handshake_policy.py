"""The default policy with its delivery plan as a handshake that rests on the amount."""

from __future__ import annotations

import yaml

from pipeline.commands import policies
from tests.company import DEFAULT_POLICY, Company

PLAN = "delivery-plan-accepted"


def publish(company: Company) -> None:
    document = yaml.safe_load(DEFAULT_POLICY.read_text())
    for stage in document["stages"]:
        for need in stage.get("gate", ()):
            if need["key"] == PLAN:
                need["kind"] = "handshake"
    next(one for one in document["milestones"] if one["key"] == PLAN)["binds"] = ["amount"]
    drafted = policies.draft(document, by=company.by("steward"))
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=company.by(short))
