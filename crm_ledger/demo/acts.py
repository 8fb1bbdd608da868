"""One step of the story: a word of a script becomes a command of the product, by the right person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from crm_ledger.demo import company, data, evidence, goals
from crm_ledger.demo.company import Cast
from crm_ledger.demo.data import Plan
from crm_ledger.demo.facts import Facts
from governance.commands import attestations, milestones
from governance.queries import milestones as rows
from ledger.rules.actor import Actor
from pipeline.commands import advancing, amending, closing, opening
from pipeline.queries import deals, policies

KEYS = {
    "plan": "delivery-plan-accepted",
    "credit": "credit-approved",
    "contract": "contract-signed",
    "capacity": "capacity-confirmed",
    "billing": "billing-terms-verified",
}
_SIGNS = {">": "submit", "!": "verify", "-": "reject", "~": "revoke"}
_REJECTED = "The paper covers another amount than the deal. Bring one for the present terms."
_REVOKED = "The line that was promised is down for repair; the months cannot be held."


class Walker:
    """Takes one deal through its script."""

    def __init__(self, plan: Plan, cast: Cast, facts: Facts, rng: Random) -> None:
        self.plan, self.cast, self.facts, self.rng = plan, cast, facts, rng
        self.deal = 0
        self.prepared: dict[str, str] = {}

    @property
    def owner(self) -> Actor:
        return self.cast.by(self.plan.owner)

    def act(self, word: str) -> None:
        name, _, argument = word.partition(":")
        if word[-1] in _SIGNS:
            key = KEYS.get(word[:-1], word[:-1])
            getattr(self, f"_{_SIGNS[word[-1]]}")(key)
        else:
            getattr(self, f"_{name}")(*([argument] if argument else []))

    def _open(self) -> None:
        account, buyer = company.account(self.cast, self.plan.account, self.plan.owner)
        stated = self.facts.opening(account, buyer, self.cast.products[self.plan.product])
        self.deal = opening.open_deal(self.plan.title, stated, by=self.owner).id

    def _bare(self) -> None:
        account, _ = company.account(self.cast, self.plan.account, self.plan.owner)
        self.deal = opening.open_deal(self.plan.title, {"account": account}, by=self.owner).id

    def _next_stage(self) -> str:
        view = deals.read_one(self.deal).view
        stage = policies.version(view.policy_version).next_stage(view.stage)
        assert stage is not None
        return stage.key

    def _go(self) -> None:
        stage = self._next_stage()
        decision = advancing.advance(self.deal, stage, by=self.owner)
        assert decision.passed, (self.plan.title, [result.message for result in decision.refusals])
        goals.expect(self.deal, stage, self.plan.title, by=self.owner)

    def _try(self) -> None:
        assert not advancing.advance(self.deal, self._next_stage(), by=self.owner).passed, self.plan.title

    def _scope(self) -> None:
        amending.amend(self.deal, self.facts.scope(), by=self.owner)

    def _slip(self, days: str) -> None:
        self._close_moves(int(days))

    def _pull(self, days: str) -> None:
        self._close_moves(-int(days))

    def _close_moves(self, days: int) -> None:
        self.facts.close += timedelta(days=days)
        amending.amend(self.deal, {"close_on": self.facts.close.isoformat()}, by=self.owner)

    def _amount(self, percent: str) -> None:
        assert self.facts.amount is not None
        self.facts.amount = self.facts.amount * Decimal(percent) / 100
        amending.amend(self.deal, self.facts.money(self.cast.products[self.plan.product]), by=self.owner)

    def _back(self, stage: str) -> None:
        closing.return_deal(
            self.deal, stage, "The customer asks for another layout; the plan starts anew.", by=self.owner
        )

    def _lose(self, reason: str) -> None:
        closing.lose(self.deal, reason, by=self.owner, note=f"Told by {data.customers()[self.plan.account].buyer}.")

    def _reopen(self) -> None:
        closing.reopen(self.deal, "The budget is back in the new plan of the customer.", by=self.owner)

    def _attest(self, function: str) -> None:
        who = f"manager.{self.plan.unit}" if function == "sales" else self.rng.choice(self._holders(function))
        attestations.attest(self.deal, function, deals.read_one(self.deal).view.terms, by=self.cast.by(who))

    def _submit(self, key: str) -> None:
        row = self._row(key)
        first = self.plan.owner if row.function == "sales" else self.rng.choice(self._holders(row.function))
        who = self.prepared.setdefault(key, first)  # the same again, so that somebody is left to verify
        by, customer = self.cast.by(who), data.customers()[self.plan.account]
        for paper in evidence.papers(key, row.ref, customer.name, self.facts.says(key)):
            if paper.kind == "file":
                size = len(paper.data)
                milestones.add_file(row.id, paper.name, [paper.data], size, paper.data[:8192], by=by)
            else:
                milestones.add_value(row.id, paper.kind, paper.value, by=by, name=paper.name)
        milestones.submit(row.id, by=by)

    def _verify(self, key: str) -> None:
        milestones.verify(self._row(key).id, by=self._second(key))

    def _reject(self, key: str) -> None:
        milestones.reject(self._row(key).id, _REJECTED, by=self._second(key))

    def _revoke(self, key: str) -> None:
        milestones.revoke(self._row(key).id, _REVOKED, by=self._second(key))

    def _row(self, key: str) -> rows.MilestoneRow:
        return next(row for row in rows.of_deal(self.deal) if row.key == key)

    def _second(self, key: str) -> Actor:
        """Somebody else of the function than who prepared it."""
        row = self._row(key)
        if row.function == "sales":
            return self.cast.by(f"manager.{self.plan.unit}")
        others = [who for who in self._holders(row.function) if who != self.prepared[key]]
        return self.cast.by(others[0])

    def _holders(self, function: str) -> list[str]:
        """Leads of a function for the unit of this deal, in the order of people.yaml."""
        return [
            someone.key
            for someone in data.people()
            if (someone.function, someone.role) == (function, "lead") and someone.unit in ("", self.plan.unit)
        ]
