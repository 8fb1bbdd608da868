"""What a deal of the story states, and how that changes on the way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from crm_ledger.demo import data
from crm_ledger.demo.data import Plan
from governance.rules.capacity import month_after

_BILLING = ("monthly", "quarterly", "upfront", "on-delivery")
_AFTER_A_LOSS = 25  # days that a lost deal would still have needed


class Facts:
    """The dates and amounts of one plan. `close` moves when the story says so."""

    def __init__(self, plan: Plan, base: datetime, ended: datetime, rng: Random) -> None:
        self.plan = plan
        moved = [word.partition("@")[0].partition(":") for word in plan.script]
        slips = sum(int(by) for word, _, by in moved if word == "slip")
        pulls = sum(int(by) for word, _, by in moved if word == "pull")
        if plan.close is not None:
            last = base.date() + timedelta(days=plan.close)
        elif plan.books or "attest:finance" in plan.script:
            last = ended.date()
        else:
            last = ended.date() + timedelta(days=_AFTER_A_LOSS)
        self.close: date = last - timedelta(days=slips - pulls)
        self.start = month_after(last)
        if plan.start is not None:
            self.start = month_after(base.date(), plan.start)
        self.amount = Decimal(plan.amount) if plan.amount else None
        self.billing = rng.choice(_BILLING)

    def opening(self, account: int, buyer: int, product: int) -> dict[str, Any]:
        sold, customer = data.products()[self.plan.product], data.customers()[self.plan.account]
        return {
            "account": account,
            "close_on": self.close.isoformat(),
            "economic_buyer": buyer,
            "need": f"{sold.need}, in {customer.city}.",
            **self.money(product),
        }

    def money(self, product: int) -> dict[str, Any]:
        """The amount and the one line that makes it up."""
        assert self.amount is not None
        pieces = max(1, round(self.amount / data.products()[self.plan.product].price))
        if self.amount * 100 % pieces:
            pieces = 1
        price = {"amount": f"{self.amount / pieces:.2f}", "currency": self.plan.currency}
        return {
            "amount": {"amount": f"{self.amount:.2f}", "currency": self.plan.currency},
            "lines": [{"product": product, "quantity": pieces, "price": price}],
        }

    def scope(self) -> dict[str, Any]:
        return {
            "start_on": self.start.isoformat(),
            "delivery_units": self.plan.units or 40,
            "delivery_months": self.plan.months or 3,
            "billing_terms": self.billing,
        }

    def says(self, key: str) -> str:
        """What the paper behind a milestone states."""
        money = f"{self.plan.currency} {self.amount:.2f}"
        return {
            "delivery-plan-accepted": f"Delivery from {self.start:%B %Y}; site visit done.",
            "credit-approved": f"Limit granted for {money}",
            "contract-signed": f"Signed by both parties for {money}",
            "capacity-confirmed": f"{self.plan.units or 40} units a month from {self.start:%B %Y}",
            "billing-terms-verified": f"{self.billing} invoices over {money}",
            "delivered": "Accepted on site",
            "invoiced": f"Invoice over {money}",
            "collected": f"Received {self.amount:.2f}",
        }[key]
