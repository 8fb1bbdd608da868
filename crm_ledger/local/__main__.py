"""`python -m crm_ledger.local run`: the whole product on this machine. One run for each clone."""

import argparse
import fcntl
import os
import sys

from crm_ledger.local import process, state
from crm_ledger.local.paths import LOCAL, LOCK, LOGS
from crm_ledger.local.say import say
from crm_ledger.local.supervisor import Supervisor


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m crm_ledger.local")
    parser.add_argument("action", choices=["run"])
    parser.add_argument("--end-with-parent", action="store_true", help="stop when the calling process dies")
    options = parser.parse_args()
    if options.end_with_parent:
        process.end_with_parent()
    # Others may pass through, as PostgreSQL's own user must when we are root; nobody may list it.
    LOCAL.mkdir(mode=0o711, exist_ok=True)
    LOGS.mkdir(mode=0o700, exist_ok=True)
    # The lock ends with this process, however it ends, so it never tells of a run that is gone.
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        found = state.running() or {}
        if found.get("ready"):
            say(f"It runs already: {found['url']}/   (stop it with Ctrl-C where it was started)")
        else:
            say("It is starting already, in another terminal.")
        return 0
    return Supervisor().run()


if __name__ == "__main__":
    sys.exit(main())
