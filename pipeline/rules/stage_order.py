"""Whether a deal may be asked to move to a stage at all."""

from __future__ import annotations

from pipeline.rules.deal import DealView
from pipeline.rules.decision import Result
from pipeline.rules.policy import HISTORY, LOST, Policy

STAGE_ORDER = "stage-order"


def stage_order(policy: Policy, deal: DealView, to_stage: str) -> Result | None:
    """What is wrong with moving to this stage at all, as an unmet result; None when it is the next one."""
    to, here = policy.stage(to_stage), policy.stage(deal.stage)
    following = policy.next_stage(deal.stage)
    if deal.stage == LOST:
        return _order(1, "Not advanced. The deal is lost.", "Re-open the deal first.")
    if deal.stage == HISTORY:
        say = "Not advanced. The deal is imported history, which never passed a gate."
        return _order(2, say, "Open it as a deal in the first stage and let it pass today's gates.")
    if to_stage in (LOST, HISTORY):
        say = f"Not advanced. No gate leads to {to_stage}."
        return _order(3, say, "Record the loss of the deal with a reason code." if to_stage == LOST else "Import it.")
    if to is None:
        names = ", ".join(stage.key for stage in policy.stages)
        say = f"Not advanced. “{to_stage[:40]}” is not a stage of policy version {policy.version}."
        return _order(4, say, f"Choose one of: {names}.")
    if here is None:
        say = f"Not advanced. The deal stands in “{deal.stage[:40]}”, which policy version {policy.version} lacks."
        return _order(5, say, "Move the deal to a policy version that has its stage.")
    if following is None:
        return _order(6, f"Not advanced. {here.name} is the last stage.", "Nothing is left to advance to.")
    if to.key == here.key:
        return _order(7, f"Not advanced. The deal already stands in {here.name}.", f"Advance to {following.name}.")
    if to.key != following.key:
        back = (policy.position(to.key) or 0) <= (policy.position(here.key) or 0)
        say = f"Not advanced. {to.name} does not follow {here.name}; {following.name} does."
        mend = "Use a return, with its reason, to step back." if back else f"Advance to {following.name} first."
        return _order(8, say, mend)
    return None


def _order(number: int, message: str, remedy: str) -> Result:
    code = f"GATE-ST-{number}"
    return Result(STAGE_ORDER, "condition", "unmet", "blocked", f"{message} {remedy}", "", remedy, code=code)
