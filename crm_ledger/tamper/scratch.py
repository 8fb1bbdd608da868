"""Scratch copies of a sealed record: database, published checkpoints, evidence and key, thrown away after use."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from django.conf import settings
from django.db import connections

from crm_ledger.database_url import django_database, with_database
from crm_ledger.local import provision
from ledger.commands import keys, publish, seal
from ledger.notify import checkpoints
from ledger.rules.actor import SYSTEM
from ledger.rules.checkpoint import Signer
from reporting.commands.integrity import measuring

ORIGIN = "scratch"


@dataclass(frozen=True)
class Scratch:
    """A template that nobody is connected to, an older one for the restored backup, and the folder outside."""

    admin_url: str
    template: str
    backup: str
    folder: Path
    passwords: Mapping[str, str]
    signer: Signer = field(default_factory=lambda: Signer.from_seed(ORIGIN, bytes([1] * 32)))

    @contextmanager
    def copy(self, name: str, *, of: str = "") -> Iterator[Copy]:
        provision.clone(self.admin_url, of or self.template, name)
        try:
            with tempfile.TemporaryDirectory(prefix="tamper-") as folder:
                shutil.copytree(self.folder, folder, dirs_exist_ok=True)
                copy = Copy(self, name, Path(folder))
                with pointed(copy.addresses, copy.folder):
                    yield copy
        finally:
            provision.drop(self.admin_url, name)


@dataclass(frozen=True)
class Copy:
    scratch: Scratch
    name: str
    folder: Path

    @property
    def addresses(self) -> provision.Addresses:
        return provision.addresses(self.scratch.admin_url, self.name, **self.scratch.passwords)

    @property
    def superuser_url(self) -> str:
        return with_database(self.scratch.admin_url, self.name)

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints" / checkpoints.FILE

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    def seal(self) -> None:
        """As the worker would: it knows nothing of the attack."""
        seal_all(self.scratch.signer)


@contextmanager
def pointed(where: provision.Addresses, folder: Path) -> Iterator[None]:
    """Django works on this database, as application and as sealer, with this folder outside."""
    default = connections.settings["default"]
    before, outside, evidence = dict(default), settings.CHECKPOINT_DIR, settings.EVIDENCE_ROOT
    connections["default"].close()
    default.update(django_database(where.app, application="tamper"))
    connections.settings[seal.SEALER] = {**default, **django_database(where.sealer, application="tamper")}
    settings.CHECKPOINT_DIR, settings.EVIDENCE_ROOT = folder / "checkpoints", folder / "evidence"
    try:
        yield
    finally:
        settings.CHECKPOINT_DIR, settings.EVIDENCE_ROOT = outside, evidence
        connections["default"].close()
        connections[seal.SEALER].close()
        del connections.settings[seal.SEALER], connections[seal.SEALER]
        default.update(before)


def roll_all(superuser_url: str) -> None:
    """Totals in blocks so small that a short record has some; the product rolls them at its own size. And scores."""
    with closing(psycopg2.connect(superuser_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SELECT ledger_roll_blocks(64, 10000)")
    measuring.catch_up()


def seal_all(signer: Signer, patience: float = 30) -> None:
    """Seals and publishes until every committed entry is a leaf."""
    checkpoints.remember_key(signer.key.text())
    keys.announce([signer], by=SYSTEM)
    until = time.monotonic() + patience
    waiting = 1
    while waiting and time.monotonic() < until:
        seal.catch_up(ORIGIN, [signer])
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM ledger_entry e WHERE NOT EXISTS"
                " (SELECT FROM ledger_leaf l WHERE l.entry_id = e.id)"
            )
            (waiting,) = cursor.fetchone()
        time.sleep(0.02 if waiting else 0)
    publish.publish()
