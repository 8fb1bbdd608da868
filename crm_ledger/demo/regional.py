"""The regional case of DESIGN.md 6: a forecast that is worth more than the region can deliver."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crm_ledger.demo import clock
from governance.queries import capacity
from governance.queries.capacity import DealLoad
from governance.rules.capacity import MonthLoad, month_after
from pipeline.queries import policies

UNIT = "east"
MONTHS_AHEAD = 6


@dataclass(frozen=True, slots=True)
class Case:
    """The fullest coming month of the region, and the open deals that would fill it, each with its stage by name."""

    name: str
    row: MonthLoad
    projecting: tuple[DealLoad, ...]
    confirmed: int  # deals behind the load

    @property
    def utilisation(self) -> str:
        return f"{(self.row.utilisation or 0) * 100:.1f} %"

    @property
    def growth(self) -> str:
        return f"{100 * self.row.wanted / self.row.confirmed:.0f} %" if self.row.confirmed else "new"

    @property
    def share(self) -> str:
        return f"{(self.row.fulfillable_share or 0) * 100:.1f} %"


def case() -> Case | None:
    """None when nothing is projected."""
    first = month_after(clock.read().now.date())
    outlook = next(iter(capacity.outlook(first, MONTHS_AHEAD, [UNIT])), None)
    if outlook is None or not outlook.worst.wanted:
        return None
    row = outlook.worst
    deals = capacity.loads(row.month, month_after(row.month), [UNIT])
    names = {stage.key: stage.name for stage in policies.in_force().stages}
    projecting = tuple(replace(deal, stage=names.get(deal.stage, deal.stage)) for deal in deals if not deal.confirmed)
    return Case(outlook.name, row, projecting, len(deals) - len(projecting))
