"""What was waived and is met by now owes nothing any more."""

from __future__ import annotations

from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.standing import WAIVER
from ledger.transactions import step
from pipeline.queries.deals import Deal
from pipeline.rules import gate
from pipeline.rules.policy import Policy


@step
def repay(deal: Deal, policy: Policy, chain: Chain, *, by: Actor) -> int:
    """Writes `waiver.repaid` for each open waiver whose requirement is met or does not apply; returns how many."""
    open_ = [key for key, one in deal.standings.items() if key.startswith(WAIVER) and gate.is_waived(one, chain.now)]
    if not open_:
        return 0
    needs = {need.key: need for stage in policy.stages for need in stage.gate}
    met = []
    for key in sorted(open_):
        need = needs.get(key.removeprefix(WAIVER))
        if need is None:
            continue
        result = gate.judge_one(policy, deal.view, deal.standings, need, now=chain.now)
        if result.state in ("met", "not_applicable"):
            facts = {"waiver": deal.standings[key].facts["waiver"]}
            body = {"key": key, "requirement": "waiver", "facts": facts}
            met.append(Draft("waiver.repaid", body, policy=policy.version))
    append(chain, *met, by=by)
    return len(met)
