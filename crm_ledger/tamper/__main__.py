"""`make tamper`: builds the demo company on a throwaway server, seals it, and attacks copies of it."""

import os
import sys
import tempfile
from pathlib import Path

from crm_ledger.database_url import with_database
from crm_ledger.local import provision
from crm_ledger.local.postgres_server import THROWAWAY, PostgresServer

_PASSWORDS = {"app_password": "scratch-app", "migrate_password": "scratch-migrate", "sealer_password": "scratch-seal"}
_BITS = 300
_NAME, _BACKUP = "tamper", "tamper_backup"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="crm-tamper-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = PostgresServer(
            folder / "postgres", password="scratch", settings=THROWAWAY, log=folder / "postgres.log"
        )
        server.start()
        try:
            return _attack(server.superuser_url(), folder / "outside")
        finally:
            server.stop()


def _attack(admin_url: str, outside: Path) -> int:
    where = provision.provision(admin_url, _NAME, **_PASSWORDS)
    os.environ |= {
        "DATABASE_URL": where.app, "DATABASE_OWNER_URL": where.owner, "DEBUG": "1", "DEMO": "1", "LOG_LEVEL": "ERROR",
        "EVIDENCE_ROOT": str(outside / "evidence"), "CHECKPOINT_DIR": str(outside / "checkpoints"),
        "DJANGO_SETTINGS_MODULE": "crm_ledger.settings",
    }  # fmt: skip
    os.environ.pop("SEALER_DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from crm_ledger.tamper import run, scratch

    call_command("migrate", interactive=False, verbosity=0)
    print("Building the demo company on a scratch server …", flush=True)
    call_command("demo", stdout=open(os.devnull, "w"))
    made = scratch.Scratch(admin_url, _NAME, _BACKUP, outside, _PASSWORDS)
    with scratch.pointed(where, outside):
        scratch.seal_all(made.signer)
        connections.close_all()
        provision.clone(admin_url, _NAME, _BACKUP)
        _go_on()
        scratch.seal_all(made.signer)
        scratch.roll_all(with_database(admin_url, _NAME))
    connections.close_all()
    before = run.untouched(made)
    print(f"{'untouched record':52} {before}")
    missed = int(before != "holds")
    for outcome in run.run_all(made):
        print(outcome, flush=True)
        missed += outcome.missed
    unnamed = list(run.run_bits(made, _BITS))
    answer = f"MISSED: {unnamed}" if unnamed else "named, each by its place"
    print(f"{f'{_BITS} single bits flipped at random':52} {answer}")
    missed += len(unnamed)
    print(f"{len(run.ALL)} attacks and {_BITS} bits, {missed} missed")
    return 1 if missed else 0


def _go_on() -> None:
    """Life after the backup: an entry that a restored backup would not have."""
    from ledger.rules.actor import SYSTEM
    from pipeline.commands import organisation

    organisation.open_unit("after-the-backup", "After the backup", by=SYSTEM)


if __name__ == "__main__":
    sys.exit(main())
