"""The default policy as a newer version would have it: another name for a stage, two obligations more, one less, one
that binds more tightly, and a new input."""

from __future__ import annotations

from typing import Any

import yaml

from pipeline.commands import policies
from tests.company import DEFAULT_POLICY, Company

STAGE = "proposal"  # what was called `solution`
STAGES = {"solution": STAGE}


def document() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(DEFAULT_POLICY.read_text())
    said["inputs"].append(
        {"key": "carrier", "name": "Carrier", "type": "choice", "owner_function": "operations",
         "decides": "Who delivers.", "choices": ["rail", "road"]}
    )  # fmt: skip
    for stage in said["stages"]:
        if stage["key"] == "solution":
            stage["key"] = STAGE
    for one in said["milestones"]:
        if one["planned_in"] == "solution":
            one["planned_in"] = STAGE
        if one["key"] == "credit-approved":
            one["tolerance"] = [{"fact": "amount", "share": 0.01}]
    commit = next(stage for stage in said["stages"] if stage["key"] == "commit")
    for stage in said["stages"]:
        stage["gate"] = [need for need in stage.get("gate", ()) if need["key"] != "delivery-plan-accepted"]
    said["milestones"] = [one for one in said["milestones"] if one["key"] != "delivery-plan-accepted"]
    commit["gate"] += [
        {"key": "carrier", "kind": "input", "sentence": "The carrier is known.", "owner_function": "operations",
         "remedy": "Enter it under Facts."},
        {"key": "site-visited", "kind": "milestone", "sentence": "The site was visited.",
         "owner_function": "operations", "remedy": "Visit it, then submit the report."},
    ]  # fmt: skip
    said["milestones"].append(
        {"key": "site-visited", "name": "Site visited", "owner_function": "operations", "planned_in": STAGE,
         "anchor": "stage_entry", "offset_days": 6, "lead_days": 2}
    )  # fmt: skip
    return said


def publish(company: Company, said: dict[str, Any] | None = None) -> int:
    drafted = policies.draft(said or document(), by=company.by("steward"))
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=company.by(short))
    return drafted.version
