"""The record of the stock sealed and its totals rolled, as the worker of a running product leaves them."""

from __future__ import annotations

from django.conf import settings

from crm_ledger.bench.workbench import DATABASE, PASSWORDS, Workbench
from crm_ledger.local import provision
from crm_ledger.tamper.scratch import pointed
from ledger.commands import sealing, totals


def seal_the_stock(servers: Workbench) -> None:
    where = provision.addresses(servers.superuser_url("postgres"), DATABASE, **PASSWORDS)
    with pointed(where, servers.folder / "sealing"):
        settings.LEDGER_SIGNING_KEY_FILE = str(servers.folder / "signing_key")
        while sealing.seal_now():
            pass
        while totals.roll():
            pass
