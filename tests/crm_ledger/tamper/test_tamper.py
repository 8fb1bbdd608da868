"""The tamper matrix: every attack is refused or its fact is named, and an untouched record holds."""

from __future__ import annotations

from contextlib import closing

import pytest
from django.db import connections

from crm_ledger.local import provision
from crm_ledger.tamper import attacks, bits, run, scratch
from crm_ledger.tamper.intruder import Intruder
from crm_ledger.tamper.scratch import Scratch
from crm_ledger.verify import scrub
from crm_ledger.verify.reading import snapshot
from crm_ledger.verify.run import verify
from governance.commands import milestones
from governance.queries import milestones as rows
from ledger.rules.actor import SYSTEM
from pipeline.commands import advancing, opening, organisation
from tests import databases, newer_policy
from tests.crm_ledger.verify.life import live, stated

# What each attack must be named for, in the words of the first broken fact.
NAMED_FOR = {
    "altered payload": "integrity: entry",
    "altered posting": "completeness: entry",
    "deleted entry": "found None",
    "swapped order": "column seq",
    "invented posting": "completeness: entry",
    "deleted tail, head mended, sequence reset": "found None",
    "whole deal erased": "found None",
    "inserted back-dated entry, hashes recomputed": "leaf",
    "altered last entry, head mended": "leaf hash",
    "edited standing": "ledger_standing",
    "edited private text": "private",
    "leaf taken away": "leaf",
    "edited tile": "tile 0",
    "seal set back, so that sums count twice": "last_entry",
    "back-dated entry in a stream of its own, sealed": "recorded_at",
    "forged advance that no policy allowed, sealed": "lawfulness: entry",
    "forged verification by the owner, sealed": "lawfulness: entry",
    "edited total": "completeness: block",
    "edited total of what waits": "completeness: block",
    "edited total of what is asked of capacity": "completeness: block",
    "edited total of stages": "completeness: block",
    "while in which a deal stood, worth more": ": pipeline_stay ",
    "while in which a deal stood, dated back": ".from_at: expected",
    "while in which a deal waited, cut out": "governance_waiting",
    "while in which a deal waited, of somebody else": "governance_waiting",
    "forged miss of a day that has not come, sealed": "lawfulness: entry",
    "edited deal row": "pipeline_dealstate.amount_minor",
    "edited evidence file": "evidence",
    "evidence moved to another milestone": "completeness: entry",
    "evidence of somebody else": "evidence added_by",
    "evidence that no entry added": "a row that an entry added",
    "edited score of integrity": "reporting_integrity",
    "edited sum of scores": "reporting_integrityday",
    "entry that no seal would take": "xid",
    "hollow trigger": "the trigger entry_2_moves_its_deal on ledger_entry is not the one of the migrations",
    "lying schema": "a schema that no migration wrote: before",
    "edited kind": "the kind milestone.submitted is not the one of the product",
    "disabled trigger": "never_changes on ledger_entry",
    "everything rewritten, signed with the real key": "published checkpoint",
    "replaced signing key, everything rewritten": "signing key",
    "heads signed with another key": "signature",
    "restored old backup": "leaves",
}


@pytest.fixture(scope="module")
def made(django_db_blocker, tmp_path_factory):
    folder, name = tmp_path_factory.mktemp("outside"), databases.copy("tamper")
    found = Scratch(databases.servers.superuser_url(), name, f"{name}_old", folder, databases._passwords())
    where = databases.addresses(name)
    with django_db_blocker.unblock(), scratch.pointed(where, folder):
        company = live(None, lambda: scratch.seal_all(found.signer))
        waiting = opening.open_deal("Waits for its verification", stated(company), by=company.by("rep")).id
        advancing.advance(waiting, newer_policy.STAGE, by=company.by("rep"))
        row = next(row for row in rows.of_deal(waiting) if row.key == "credit-approved")
        milestones.add_value(row.id, "reference", "proof", by=company.by("finance"))
        milestones.submit(row.id, by=company.by("finance"))
        opening.open_deal("Stands in qualify", stated(company), by=company.by("rep2"))
        for number in range(150):  # enough for a tile
            organisation.open_function(f"filler-{number}", f"Filler {number}", by=SYSTEM)
        scratch.seal_all(found.signer)
        connections.close_all()
        provision.clone(found.admin_url, name, found.backup)
        organisation.open_unit("later", "Later", by=SYSTEM)
        scratch.seal_all(found.signer)
        scratch.roll_all(databases.servers.superuser_url(name))
        connections.close_all()
    yield found
    databases.drop(found.backup)
    databases.drop(name)


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker):
    with django_db_blocker.unblock():
        yield
        connections.close_all()


def test_single_bits_are_found_and_their_place_is_named(made):
    with made.copy(f"{made.template}_bits") as copy, closing(Intruder(copy)) as intruder:
        told = list(bits.missed(intruder, 300, seed=3))
        assert [str(flip) for flip, missed in told if missed] == []
        assert {(flip.target.table, flip.target.column) for flip, _ in told} == {
            (target.table, target.column) for target in bits.TARGETS
        }
        assert verify().ok  # every bit is back where it was


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("altered payload", True), ("altered last entry, head mended", True), ("deleted entry", True),
        ("deleted tail, head mended, sequence reset", True), ("swapped order", True), ("whole chain rewritten", True),
        ("whole chain and its leaves rewritten", False), ("edited standing", False),
    ],
)  # fmt: skip
def test_the_scrub_sees_by_its_sums_what_its_exact_questions_find(made, name, found):
    with made.copy(f"{made.template}_scrubbed") as copy:
        with closing(Intruder(copy)) as intruder:
            next(attack for attack in run.NAMED if attack.name == name).act(intruder)
        with snapshot() as reader:
            exact = [*scrub._entries(reader), *scrub._elsewhere(reader, scrub._HEADS)]
            assert scrub._holds(reader) is not found and bool(exact) is found


def test_an_untouched_record_holds(made):
    assert run.untouched(made) == "holds"


@pytest.mark.parametrize("attack", attacks.REFUSED, ids=lambda attack: attack.name)
def test_refused(made, attack):
    assert run.run(made, attack).answer.startswith("refused")


@pytest.mark.parametrize("attack", run.NAMED, ids=lambda attack: attack.name)
def test_named(made, attack):
    answer = run.run(made, attack).answer
    assert answer.startswith("named") and NAMED_FOR.get(attack.name, "") in answer, answer
