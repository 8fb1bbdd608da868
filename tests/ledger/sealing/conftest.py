"""Sealing on a database of this module's own, as the real sealer role with a key of its own."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connections

from crm_ledger.database_url import django_database
from ledger.commands import keys, seal
from ledger.rules.checkpoint import Signer


@pytest.fixture
def signer() -> Signer:
    return Signer.from_seed("tests", bytes([1] * 32))


@pytest.fixture
def sealer(committed_db) -> Iterator[str]:
    """The alias of the sealer's connection to `committed_db`."""
    own = django_database(committed_db.sealer_url, application="tests")
    connections.settings[seal.SEALER] = {**connections.settings["default"], **own}
    yield seal.SEALER
    connections[seal.SEALER].close()
    del connections.settings[seal.SEALER]
    del connections[seal.SEALER]


@pytest.fixture
def seal_all(sealer, signer) -> Callable[[], int]:
    """Seals until every committed entry is a leaf; other databases of the cluster may hold the watermark back."""

    def run() -> int:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            seal.catch_up("tests", [signer])
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM ledger_leaf)")
                entries, leaves = cursor.fetchone()
            if entries == leaves:
                return leaves
            time.sleep(0.02)
        raise AssertionError(f"{entries - leaves} entries are not sealed after 20 s")

    return run


@pytest.fixture
def announced(signer) -> None:
    from ledger.rules.actor import SYSTEM

    keys.announce([signer], by=SYSTEM)
