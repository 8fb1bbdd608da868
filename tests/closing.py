"""Takes a month to its close by the product's own commands."""

from __future__ import annotations

from datetime import date

from governance.commands.alerting import acts
from governance.queries import alerts
from ledger.commands import verification
from ledger.queries import verifications
from ledger.queries.periods import PeriodRow
from pipeline.queries import seats
from reporting.commands import closing, passing, reconciling
from tests.company import SETUP, Company

SIGNERS = {"sales": "cro", "operations": "coo", "finance": "cfo"}
ANSWER = {"sales": "rep", "operations": "ops", "finance": "finance"}


def verified(ok: bool = True) -> None:
    """A finished run over all entries, as the nightly one leaves it."""
    verification.ask(by=SETUP)
    run = verification.claim()
    assert run is not None
    verdict = {"ok": ok, "checked": 1, "broken": 0 if ok else 1}
    names = ("integrity", "completeness", "lawfulness")
    whole = verifications.whole()
    verification.finish_quietly(run, {"tree_size": whole, "entries": whole, **dict.fromkeys(names, verdict)})


def reconciled() -> None:
    """The pass of the day, as beat leaves it."""
    while reconciling.sweep():
        pass


def explained(company: Company) -> None:
    """What was missed by now is explained by who is asked, as a month asks for before it is closed."""
    seen = seats.of_person(company.person("auditor").pk)
    for row in alerts.listing(seen, states=["open"], limit=200):
        by = company.by(ANSWER[row.alert.function])
        acts.acknowledge(row.alert.id, by=by)
        acts.explain(row.alert.id, "other", "Nobody has worked on it", by=by)


def signed(company: Company, month: date) -> str:
    """Prepared by `finance` and signed by three; the fingerprint of the figures."""
    passing.sweep()
    row = closing.prepare(month, by=company.by("finance"))
    assert row.figures is not None
    for function, short in SIGNERS.items():
        closing.sign(month, function, row.figures, by=company.by(short))
    return row.figures


def closed(company: Company, month: date) -> PeriodRow:
    verified()
    reconciled()
    signed(company, month)
    return closing.close(month, by=company.by("finance2"))
