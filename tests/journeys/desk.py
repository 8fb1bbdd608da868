"""A small company at work, for tests that look at pages: people can log in, deals stand in every stage."""

from __future__ import annotations

from dataclasses import dataclass

from governance.commands import milestones
from pipeline.commands import advancing, opening
from tests import company as companies
from tests import walking
from tests.company import Company

PASSWORD = "demo-ledger"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass(slots=True)
class Desk:
    """Deals by what they show: `fresh`, `held`, `waiting`, `ready`, `booked`, `lost`."""

    company: Company
    deals: dict[str, str]


def furnish() -> Desk:
    """Six deals of the east, each at another place of its way, one in another currency left out on purpose."""
    company = companies.build()
    for person in company.people.values():
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    rep = company.by("rep")
    fresh = opening.open_deal("Kestrel: cold store", {"amount": "418000.00"}, by=rep).id
    held = walking.opened(company, need="The old line cannot take the new pallet size")
    advancing.advance(held, "solution", by=rep)
    advancing.advance(held, "commit", by=rep)
    waiting = walking.opened(company, amount="90000.00", need="A second line for the pallet hall")
    advancing.advance(waiting, "solution", by=rep)
    walking.submitted(company, waiting, "credit-approved", "finance")
    row = walking.milestone(waiting, "delivery-plan-accepted")
    milestones.add_file(row, "plan.pdf", [PDF], len(PDF), PDF, by=company.by("ops"))
    milestones.submit(row, by=company.by("ops"))
    ready = walking.ready(company, amount="250000.00", need="Night shifts without people at the dock")
    booked = walking.booked(company, amount="132000.00", need="Returns pile up at the gate every Monday")
    found = {"fresh": fresh, "held": held, "waiting": waiting, "ready": ready, "booked": booked}
    return Desk(company, {name: f"D-{number:06d}" for name, number in found.items()})
