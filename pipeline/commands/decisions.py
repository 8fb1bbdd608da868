"""How a decision is written into an entry."""

from __future__ import annotations

from typing import Any

from pipeline.rules.decision import Decision


def body(decision: Decision) -> dict[str, Any]:
    """`results` as [key, state, deciding entry]; `facts` is the hash of all that was judged."""
    return {
        "policy": decision.policy_version,
        "from": decision.from_stage,
        "to": decision.to_stage,
        "passed": decision.passed,
        "facts": decision.facts_hash,
        "results": [[result.key, result.state, result.fact] for result in decision.results],
    }
