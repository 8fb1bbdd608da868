"""What stands above a deal: its title and the names around it. One query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.rules.problems import not_found
from pipeline.queries.deals import ref_of


@dataclass(frozen=True, slots=True)
class Head:
    id: int
    title: str
    description: str
    account: str | None
    owner: str
    opened_at: datetime
    stage_entered_at: datetime

    @property
    def ref(self) -> str:
        return ref_of(self.id)


def head(number: int) -> Head:
    """Raises not-found. The caller has checked that the deal may be seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.id, d.title, d.description, a.name, p.name, s.opened_at, s.stage_entered_at FROM pipeline_deal d"
            " JOIN pipeline_dealstate s ON s.deal_id = d.id JOIN pipeline_seat o ON o.id = s.owner_id"
            " JOIN pipeline_person p ON p.id = o.person_id LEFT JOIN pipeline_account a ON a.id = s.account_id"
            " WHERE d.id = %s",
            [number],
        )
        row = cursor.fetchone()
    if row is None:
        raise not_found(f"Deal {ref_of(number)}")
    return Head(*row)
