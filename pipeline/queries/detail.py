"""One deal as a person may see it, now or as it was known at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from ledger.queries import moment, prepared
from ledger.rules.envelope import domain
from ledger.rules.problems import not_found
from ledger.rules.standing import Standing
from pipeline.queries import deals, policies, sight
from pipeline.queries.deals import Deal
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.seats import SeatView


@dataclass(frozen=True, slots=True)
class Detail:
    """A deal with the words around it. `reporting` is the currency of its value; `at` only for a past moment."""

    view: DealView
    standings: dict[str, Standing]
    policy: Policy
    title: str
    description: str
    account_name: str | None
    owner_name: str
    reporting: str
    at: datetime | None = None

    @property
    def milestones(self) -> list[Standing]:
        """What the record says of each planned milestone, soonest due first."""
        known = [standing for key, standing in self.standings.items() if key in self.policy.milestones]
        return sorted(known, key=lambda standing: (str(standing.due_at), standing.key))

    @property
    def attestations(self) -> list[Standing]:
        return [standing for _, standing in sorted(self.standings.items()) if standing.status in ("given", "voided")]


_READ = f"""
SELECT {", ".join(f"r.{column}" for column in deals.COLUMNS)}, d.title, d.description,
       (SELECT name FROM pipeline_account WHERE id = r.account_id),
       (SELECT p.name FROM pipeline_seat o JOIN pipeline_person p ON p.id = o.person_id WHERE o.id = r.owner_id),
       coalesce((SELECT currency FROM pipeline_organisation ORDER BY id LIMIT 1), 'USD')
FROM pipeline_deal_read r JOIN pipeline_deal d ON d.id = r.deal_id WHERE r.deal_id = %s
"""


def visible(seats: Sequence[SeatView], number: int) -> Deal:
    """The deal, or not-found for what does not exist and for what these seats may not see, alike."""
    return _seen(seats, number, deals.read([number]).get(number))


def detail(seats: Sequence[SeatView], number: int) -> Detail:
    """The deal with the names around it; names and title are today's, also when its past is read."""
    row = prepared.row(_READ, [number])
    deal = _seen(seats, number, deals.of_row(row[:-5]) if row else None)
    title, description, account, owner, reporting = row[-5:]
    policy = policies.version(deal.view.policy_version)
    past = moment.past()
    return Detail(deal.view, dict(deal.standings), policy, title, description, account, owner, reporting, past)


def fresh(
    seats: Sequence[SeatView], view: DealView, title: str, description: str, account: str | None, owner: str,
    reporting: str,
) -> Detail:  # fmt: skip
    """What `detail` would read of a deal that was just opened and has one entry: nothing was asked of it yet."""
    number = view.id
    kept = replace(view, inputs=domain(view.inputs))
    _seen(seats, number, Deal(kept, {}))
    return Detail(kept, {}, policies.version(view.policy_version), title, description, account, owner, reporting)


def _seen(seats: Sequence[SeatView], number: int, deal: Deal | None) -> Deal:
    if deal is None or not sight.sees(seats, number, deal.view.unit):
        raise not_found(f"Deal {deals.ref_of(number)}")
    return deal


def version(number: int) -> int:
    """The version of a deal that the caller has just acted on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM pipeline_dealstate WHERE deal_id = %s", [number])
        found: int = cursor.fetchone()[0]
    return found
