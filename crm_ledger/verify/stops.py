"""Holds: an open deal follows every hold of its account, and no other."""

from __future__ import annotations

from collections.abc import Iterable

from crm_ledger.verify.fold import Stream
from crm_ledger.verify.report import Report
from governance.rules import hold_replay
from governance.rules.hold_replay import Holds
from pipeline.rules.policy import HISTORY, LOST


def deals(report: Report, of_accounts: Holds, done: Iterable[Stream]) -> None:
    for stream in done:
        if not stream.id.startswith("deal/") or stream.after is None or stream.after["stage"] in (LOST, HISTORY):
            continue
        account = stream.after["account"]
        wanted, found = hold_replay.missing(account, stream.holds, of_accounts)
        if wanted != found:
            report.broken("completeness", "holds of its account", wanted, found, stream.last or stream.id)
