"""As-of at the moment of an entry shows what was shown then: by every read of the interface, on every page."""

from __future__ import annotations

from random import Random

import pytest

from tests.crm_ledger.as_of import shown
from tests.crm_ledger.as_of.acts import play
from tests.programs import Program

# People who see every unit: who may see what is decided today, so it is tested apart (test_sight.py).
READERS = ("cro", "finance", "auditor")
STEPS = 7


@pytest.mark.parametrize("seed", range(3))
def test_every_read_shows_what_it_showed_then(company, seed):
    programs = [Program(company, who) for who in READERS]
    then = {}
    for numbers in play(company, Random(seed), STEPS):
        entry, moment = shown.newest()
        then[entry] = (
            moment,
            [
                (program, address, shown.read(program, address))
                for program in programs
                for address in shown.reads(numbers)
            ],
        )
    assert len(then) > STEPS // 2
    for entry, (moment, told) in then.items():
        for program, address, said in told:
            assert shown.read(program, address, moment) == said, (entry, address)


@pytest.mark.parametrize("seed", range(3, 5))
def test_every_page_shows_what_it_showed_then(company, seed):
    clients = [shown.logged_in(company, who) for who in READERS]
    then = {}
    for numbers in play(company, Random(seed), STEPS):
        entry, moment = shown.newest()
        more = [f"/ledger/{entry}/"]
        then[entry] = (
            moment,
            [
                (client, address, shown.page(client, address))
                for client in clients
                for address in shown.pages(numbers, *more)
            ],
        )
    for entry, (moment, told) in then.items():
        for client, address, said in told:
            assert said[0] == 200
            again = shown.page(client, address, moment)
            assert (set(again[1]) - set(said[1]), set(said[1]) - set(again[1])) == (set(), set()), (entry, address)
            assert again == said, (entry, address)
