"""Proofs by the API, verified here as a stranger would."""

import base64
import hashlib

import pytest

from ledger.queries import entries
from ledger.rules import checkpoint, merkle
from pipeline.commands import opening
from tests import company as companies
from tests.programs import Program


@pytest.fixture(scope="module")
def built():
    return {}


@pytest.fixture
def company(committed_db, built):
    if not built:
        built["company"] = companies.build()
        deal = opening.open_deal("Pallets", {}, by=built["company"].by("rep"))
        built["entry"] = entries.timeline(f"deal/{deal.id}")[0].id
        built["setup"] = entries.listing(limit=1)[0].id
    return built["company"]


def test_an_entry_is_proven_to_a_stranger(company, built, seal_all, signer):
    seal_all()
    said = Program(company, "rep").get(f"/ledger/proofs/inclusion/?entry={built['entry']}").json()
    envelope = base64.b64decode(said["envelope"])
    assert said["leaf_hash"] == hashlib.sha256(b"\x00" + envelope).hexdigest()
    head = checkpoint.parse(said["checkpoint"])
    assert (head.size, head.root.hex()) == (said["tree_size"], said["root"])
    assert head.signed_by([signer.key])
    path = [bytes.fromhex(digest) for digest in said["hashes"]]
    assert merkle.verify_inclusion(
        bytes.fromhex(said["leaf_hash"]), said["leaf_index"], said["tree_size"], path, head.root
    )


def test_a_beginning_is_proven(company, seal_all):
    size = seal_all()
    said = Program(company, "rep").get(f"/ledger/proofs/consistency/?from=3&to={size}").json()
    roots = bytes.fromhex(said["from_root"]), bytes.fromhex(said["to_root"])
    path = [bytes.fromhex(digest) for digest in said["hashes"]]
    assert (said["from"], said["to"]) == (3, size)
    assert merkle.verify_consistency(3, size, path, *roots)


@pytest.mark.parametrize("who", ["auditor", "cro", "steward", "rep", "manager", "ops", "finance"])
def test_who_may_see_the_entry_may_prove_it(company, built, seal_all, who):
    seal_all()
    Program(company, who).get(f"/ledger/proofs/inclusion/?entry={built['entry']}")


@pytest.mark.parametrize("who", ["rep_west", "ops_west", "admin"])
def test_another_units_entry_is_not_there(company, built, seal_all, who):
    seal_all()
    Program(company, who).get(f"/ledger/proofs/inclusion/?entry={built['entry']}", 404)


def test_what_is_no_deals_is_for_readers_of_the_record(company, built, seal_all):
    seal_all()
    Program(company, "rep").get(f"/ledger/proofs/inclusion/?entry={built['setup']}", 404)
    Program(company, "auditor").get(f"/ledger/proofs/inclusion/?entry={built['setup']}")


def test_checkpoints_are_listed_newest_first(company, seal_all):
    size = seal_all()
    rows = Program(company, "rep").get("/ledger/checkpoints/?limit=1").json()["results"]
    assert [row["size"] for row in rows] == [size]
    assert checkpoint.parse(rows[0]["note"]).root.hex() == rows[0]["root"]


def test_what_is_not_sealed_has_no_proof_yet(company, seal_all):
    seal_all()
    deal = opening.open_deal("Later", {}, by=company.by("rep"))
    number = entries.timeline(f"deal/{deal.id}")[0].id
    Program(company, "rep").get(f"/ledger/proofs/inclusion/?entry={number}", 409)


@pytest.mark.parametrize("query", ["", "?from=0", "?from=5&to=3", "?from=1&to=99999999", "?from=x"])
def test_sizes_that_are_none(company, seal_all, query):
    seal_all()
    Program(company, "rep").get(f"/ledger/proofs/consistency/{query}", 422)
