"""Title and description change with the terms or without; who changed what is on the record."""

import pytest
from django.db import transaction

from ledger.queries import entries
from ledger.rules.problems import Problem
from pipeline.commands import amending, opening
from pipeline.queries import heads
from tests import walking


def _kinds(view):
    return [entry.kind for entry in entries.timeline(f"deal/{view.id}", limit=20)]


@pytest.fixture
def deal(company):
    return opening.open_deal("Pallet automation", walking.stated(company), by=company.by("rep"))


def test_a_new_title_is_one_entry_and_no_content_is_hashed(company, deal):
    amended = amending.amend(deal.id, {}, by=company.by("rep"), wording={"title": " Pallets, phase 2 "})
    assert amended.version == 2
    assert heads.head(deal.id).title == "Pallets, phase 2"
    newest = entries.timeline(f"deal/{deal.id}", limit=1)[0]
    assert (newest.kind, newest.body) == ("wording.changed", {"changed": ["title"]})
    assert newest.private == {"title": "Pallets, phase 2"}


def test_terms_and_words_change_together(company, deal):
    amending.amend(deal.id, {"amount": "7.00"}, by=company.by("rep"), wording={"description": "For two halls"})
    assert _kinds(deal) == ["wording.changed", "deal.amended", "deal.opened"]
    assert heads.head(deal.id).description == "For two halls"


def test_the_same_words_write_nothing(company, deal):
    amending.amend(deal.id, {}, by=company.by("rep"), wording={"title": "Pallet automation", "description": ""})
    assert _kinds(deal) == ["deal.opened"]


def test_a_description_may_be_emptied(company, deal):
    for text in ("For two halls", ""):
        amending.amend(deal.id, {}, by=company.by("rep"), wording={"description": text})
    assert heads.head(deal.id).description == ""
    assert _kinds(deal) == ["wording.changed", "wording.changed", "deal.opened"]


@pytest.mark.parametrize(
    ("said", "code"), [({"title": " "}, "DEAL-TITLE-1"), ({"title": "\u200b\u202e"}, "DEAL-TITLE-1"),
                       ({"title": "x" * 201}, "DEAL-TITLE-1"),
                       ({"description": "x" * 10_001}, "DEAL-TEXT-1")],
)  # fmt: skip
def test_faults_come_with_the_others_and_nothing_is_written(company, deal, said, code):
    with pytest.raises(Problem) as wrong, transaction.atomic():
        amending.amend(deal.id, {"amount": "-1"}, by=company.by("rep"), wording=said)
    assert {code} < {fault.code for fault in wrong.value.faults}
    assert _kinds(deal) == ["deal.opened"]


def test_a_colleague_does_not_rename(company, deal):
    with pytest.raises(Problem), transaction.atomic():
        amending.amend(deal.id, {}, by=company.by("rep_west"), wording={"title": "Mine"})
