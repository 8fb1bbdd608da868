#!/usr/bin/env python
"""Django's command line, on the database and broker of a running `make run`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_ledger.settings")
    from django.core.management import execute_from_command_line

    from crm_ledger.local.adopt import adopt_running
    from crm_ledger.local.no_database.base import NoDatabase

    adopt_running(sys.argv)
    try:
        execute_from_command_line(sys.argv)
    except NoDatabase as sentence:
        sys.exit(str(sentence))


if __name__ == "__main__":
    main()
