"""`python -m crm_ledger.bench`: measures whole operations, each beside its limit in the same run. See docs/bench.md."""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

import psutil

from crm_ledger.bench.report import Line, Report, say
from crm_ledger.bench.workbench import Workbench


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m crm_ledger.bench")
    parser.add_argument("--deals", default="10000,100000", help="sizes of the stock, separated by commas")
    parser.add_argument("--seconds", type=float, default=4, help="how long each measurement takes")
    parser.add_argument("--only", default="", help="W1,W2,… : only these")
    parser.add_argument("--folder", type=Path, help="keep the servers' data here, and go on with what is there")
    parser.add_argument("--entries", type=int, default=1_000_000, help="length of the record that is proven")
    parser.add_argument("--leaves", type=int, default=10_000_000, help="size of the tree that proofs are made in")
    parser.add_argument("--many", type=int, default=1_000_000, help="deals of the pipeline that is looked back at")
    parser.add_argument("--scheduled", action="store_true", help="give each booked deal its schedule of revenue first")
    parser.add_argument("--postings", type=int, default=0, help="with schedules, move plans until there are so many")
    options = parser.parse_args()
    only = {word.strip().upper() for word in options.only.split(",") if word.strip()}
    report = Report()
    idle = psutil.cpu_times_percent(interval=2).idle
    report.add(Line("machine, idle before the run", idle, "% of all cores"))
    with Workbench(options.folder and options.folder.resolve()) as servers:
        os.environ.update(servers.environment)
        import django

        django.setup()
        logging.disable(logging.WARNING)
        for deals in sorted(int(size) for size in options.deals.split(",")):
            _measure(servers, report, deals, options.seconds, only, options.scheduled, options.postings)
        if not only or "V10" in only:
            from crm_ledger.bench import many

            many.as_of(servers, report, options.many)
        if not only or only & {"V1", "V2", "V3", "V4", "V5"}:
            from crm_ledger.bench.proving import Proving

            Proving(servers, report, options.entries, options.leaves, only).run()
    report.table()
    return 0


def _measure(
    servers: Workbench, report: Report, deals: int, seconds: float, only: set[str], scheduled: bool, postings: int
) -> None:
    from crm_ledger.bench import firm, importing, lived, looking_back, machine, promised, reading, sealed, stock
    from crm_ledger.bench.advancing import Advancing
    from crm_ledger.bench.bench import Bench
    from crm_ledger.bench.opening import Opening

    started, before, company = time.monotonic(), stock.count(), firm.found()
    supply = stock.fill(company, deals)
    if scheduled or postings:
        promised.schedule(company)
    if postings:
        lived.replan_until(company, postings)
    sealed.seal_the_stock(servers)
    say(f"{deals:,} deals: {stock.count() - before:,} opened and moved in {time.monotonic() - started:.0f} s")
    workloads = {
        # What reads comes first: the others add to the stock.
        "W1": reading.list_deals,
        "W4": reading.booked,
        "D": reading.dashboards,
        "W6": looking_back.pipeline,
        "W2": lambda bench: Advancing(bench).run(),
        "W3": lambda bench: Opening(bench).run(),
        "W5": importing.import_rows,
    }
    if not only or only & {"V6", "V7", "V8", "V9"}:
        from crm_ledger.bench.gates import Gates

        Gates(servers, report, company, supply, only).run()
    if not only or only & {"O1", "O2", "O3"}:
        from crm_ledger.bench.obligations import Obligations

        Obligations(servers, report, company, only).run()
    if not only or only & {"R1", "R2", "R3", "R4"}:
        from crm_ledger.bench import passes

        passes.run(servers, report, company, only)
    if only and not only & set(workloads):
        return
    with servers.web() as web:
        bench = Bench(servers, web, report, company, supply, deals, seconds)
        bench.superuser("VACUUM ANALYZE")
        machine.bare_view(bench)
        for name, workload in workloads.items():
            if not only or name in only:
                workload(bench)
        bench.say("memory of all web processes", web.memory() / 2**20, "MiB", target="< 600 MB")


if __name__ == "__main__":
    sys.exit(main())
