"""Whether the demo is there, and what in it the visitor is shown first."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from django.db import connection, connections

from crm_ledger.demo import clock, company
from pipeline.models import Deal, Organisation, Person
from pipeline.queries import deals, policies
from pipeline.queries.deals import Deal as ReadDeal
from pipeline.rules import gate
from pipeline.rules.decision import Decision

Found = Literal["nothing", "finished", "unfinished", "other"]
WAITING = "Northwind: pallet automation"


def found() -> Found:
    """What the database holds."""
    names = set(Organisation.objects.values_list("name", flat=True))
    if company.NAME in names and clock.read().demo:
        return "finished"
    if company.UNFINISHED in names:
        return "unfinished"
    return "other" if names or Person.objects.exists() or _entries() else "nothing"


def is_open() -> bool:
    """Persona log-in and clock: in a demo that is on, on a database that was built as one."""
    return settings.DEMO and found() == "finished"


def persona(email: str) -> Person | None:
    """Somebody of the demo company whom a visitor may be."""
    return Person.objects.filter(email=email, is_active=True).first()


def mark_as_demo() -> None:
    """Says once, as the owner of the schema, that the clock of this database may be moved."""
    if clock.read().demo:
        return
    if "owner" not in connections.settings:
        raise clock.ClockStands(
            "Only the owner of the schema can mark a database as a demo. Set DATABASE_OWNER_URL, or use make run."
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE ledger_clock SET demo = true")


def waiting() -> tuple[ReadDeal, Decision] | None:
    """The deal that waits for one step, with the decision of its next gate."""
    number = Deal.objects.filter(title=WAITING).order_by("id").values_list("id", flat=True).first()
    if number is None:
        return None
    deal = deals.read_one(number)
    policy = policies.version(deal.view.policy_version)
    stage = policy.next_stage(deal.view.stage)
    to = stage.key if stage else deal.view.stage
    return deal, gate.evaluate(policy, deal.view, deal.standings, to, now=clock.read().now)


def _entries() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_entry)")
        return bool(cursor.fetchone()[0])
