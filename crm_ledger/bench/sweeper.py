"""A worker's process that sweeps once: `python -m crm_ledger.bench.sweeper PART OF`, started by a line on its input.

Says entries, the moments of its start and end on the machine's steady clock, its CPU seconds and its memory.
"""

import json
import resource
import sys
import time


def main() -> int:
    import django

    django.setup()
    from django.db import connection

    from crm_ledger.celery import app
    from governance.commands import deadlines
    from governance.queries.deadlines import Share

    app.loader.import_default_modules()  # what a worker holds in memory
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    began, spent = time.monotonic(), time.process_time()
    written = 0
    while done := deadlines.sweep(share=Share(int(sys.argv[1]), int(sys.argv[2]))):
        written += done
    said = {"entries": written, "began": began, "ended": time.monotonic(), "cpu": time.process_time() - spent,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}  # fmt: skip
    print(json.dumps(said), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
