"""Lets a command without variables join the running `make run` of the same clone."""

import os
from collections.abc import Sequence

from crm_ledger.local import state

# Commands that change the schema or need its owner. Everything else works as the application role.
OWNER_COMMANDS = {"migrate", "demo", "tamper"}


def adopt_running(argv: Sequence[str]) -> None:
    """Sets the variables that the running product was started with; those already set win."""
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return
    run = state.running()
    if run is None:
        # No product and no address: commands that need no database still work.
        os.environ.setdefault("DEBUG", "1")
        return
    for name, value in run["environment"].items():
        os.environ.setdefault(name, value)
    if len(argv) > 1 and argv[1] in OWNER_COMMANDS and run.get("owner_url"):
        os.environ.setdefault("DATABASE_OWNER_URL", run["owner_url"])
    if len(argv) > 1 and argv[1] == "seal":
        for name, value in run.get("sealer", {}).items():
            os.environ.setdefault(name, value)
