"""Names of stages, as people write them."""

from __future__ import annotations

from ledger.rules.problems import Fault, bad_input
from pipeline.rules.policy import Policy


def check(policy: Policy, key: str) -> None:
    """Raises when a policy has no such stage: a slip of the pen is no attempt at a gate, and is not recorded."""
    if policy.position(key) is None:
        known = ", ".join(stage.key for stage in policy.stages)
        raise bad_input([Fault("/to", "STAGE-1", f"“{key[:40]}” is no stage of this policy. Its stages are: {known}.")])
