"""A company that has lived through everything, sealed and published, on a database of the module's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections

from crm_ledger.database_url import django_database
from ledger.commands import keys, publish, seal
from ledger.notify import checkpoints
from ledger.rules.actor import SYSTEM
from ledger.rules.checkpoint import Signer
from tests.crm_ledger.verify.life import live

SIGNER = Signer.from_seed("tests", bytes([1] * 32))


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outside")


@pytest.fixture
def seal_all(committed_db) -> Iterator[Callable[[], int]]:
    """Seals and publishes until every committed entry is a leaf."""
    own = django_database(committed_db.sealer_url, application="tests")
    connections.settings[seal.SEALER] = {**connections.settings["default"], **own}

    def run() -> int:
        checkpoints.remember_key(SIGNER.key.text())
        keys.announce([SIGNER], by=SYSTEM)
        until = time.monotonic() + 60  # on a server that others use too, their transactions hold a seal up
        while time.monotonic() < until:
            seal.catch_up("tests", [SIGNER])
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM ledger_leaf)")
                entries, leaves = cursor.fetchone()
            if entries == leaves:
                publish.publish()
                return leaves
            time.sleep(0.02)
        raise AssertionError("not all is sealed after 60 s")

    yield run
    connections[seal.SEALER].close()
    del connections.settings[seal.SEALER]
    del connections[seal.SEALER]


@pytest.fixture
def lived(committed_db, seal_all, settings, outside, request):
    """(database, company) after a life; built once a module."""
    settings.CHECKPOINT_DIR = outside / "checkpoints"
    settings.EVIDENCE_ROOT = outside / "evidence"
    built = getattr(request.module, "_lived", None)
    if built is None:
        built = live(committed_db, seal_all)
        request.module._lived = built
    return committed_db, built
