"""Closes a month: finance prepares its figures, three functions sign them, a second person of finance closes it."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.commands.append import Draft, append, lock
from ledger.queries import periods, tree
from ledger.queries.periods import PeriodRow
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.problems import Fault, Problem, bad_input, conflict
from ledger.transactions import command, step
from pipeline.queries import organisation
from reporting import permissions
from reporting.queries import closing as query
from reporting.queries import revenue as waiting
from reporting.rules import closing as rules


@command
def prepare(month: date, *, by: Actor) -> PeriodRow:
    """Soft-closes a month under its figures of now; writes `period.prepared`. Again, it is signed anew.

    Facts may still be posted to it: when they move its figures, it is prepared again.
    """
    permissions.check_can_prepare(by)
    chain, row = _locked(month)
    company = organisation.company()
    if row.state == "closed":
        raise _closed(month)
    if company.day_of(chain.now) < rules.end_of(month):
        say = f"{month:%Y-%m} has not ended. It is closed with all its facts. [PERIOD-2]"
        raise conflict("period-not-ended", "The month has not ended", say)
    if waiting.is_due(company.day_of(chain.now)):
        say = "Revenue of days that have passed is being recognised. Prepare it again in a minute. [PERIOD-9]"
        raise conflict("revenue-under-way", "Not yet", say)
    figures = query.figures(month, as_of=chain.now)
    append(chain, Draft("period.prepared", {"sha256": rules.digest(figures), "figures": figures}), by=by)
    return periods.one(month)


@command
def sign(month: date, function: str, sha256: str, *, by: Actor) -> PeriodRow:
    """Signs the prepared figures for a function; writes `period.signed`. `sha256` is of the figures that were seen."""
    permissions.check_can_sign(by, function)
    chain, row = _locked(month)
    if row.state == "closed":
        raise _closed(month)
    if row.state == "open":
        raise conflict("period-not-prepared", "Not prepared", "Finance prepares the period first. [PERIOD-3]")
    now = rules.digest(query.figures(month, as_of=chain.now))
    if sha256 != row.figures or now != row.figures:
        say = "The figures are not those that you saw. Read them again; prepared anew, they are signed anew. [PERIOD-4]"
        raise conflict("figures-changed", "The figures have moved", say, figures=now)
    fault = _signature_fault(row.signatures, function, by)
    if fault is None and function == rules.PREPARING and row.prepared_by in by.people:
        fault = "You prepared these figures, so another person signs for finance. [SOD-30]"
    if fault:
        raise Problem("separation-of-duties", 403, "Another person signs", fault)
    append(chain, Draft("period.signed", {"function": function, "sha256": sha256}), by=by)
    return periods.one(month)


@command
def close(month: date, *, by: Actor) -> PeriodRow:
    """Closes a month when every line of its checklist is met; writes `period.closed` with the snapshot.

    Raises conflict `period-not-ready` with every line that is open.
    """
    permissions.check_can_prepare(by)
    periods.hold(month)  # first of all: whoever is posting to the month ends before its figures are counted
    chain, row = _locked(month)
    if row.state == "closed":
        raise _closed(month)
    lines = rules.checklist(query.facts(organisation.company(), row, as_of=chain.now), by)
    if not all(line.met for line in lines):
        raise _not_ready(month, lines)
    figures = query.figures(month, as_of=chain.now)
    body = {
        "sha256": rules.digest(figures),
        "figures": figures,
        "tree_size": _tree_size(),
        "checklist": [[line.key, line.sentence] for line in lines],
    }
    append(chain, Draft("period.closed", body), by=by)
    return periods.one(month)


@command
def restate(month: date, function: str, reason: str, *, by: Actor, sha256: str | None = None) -> PeriodRow:
    """Signs a restatement of a closed month to what is known of it now; writes `restatement.signed`, and with finance
    and one other function `period.restated` with a new snapshot. The old one stays."""
    permissions.check_can_sign(by, function)
    if not 3 <= len(reason.strip()) <= 2000:
        raise bad_input([Fault("/reason", "PERIOD-5", "Say why it is restated, in 3 to 2,000 characters.")])
    chain, row = _locked(month)
    if row.state != "closed":
        raise conflict("period-not-closed", "Not closed", "An open period is not restated: post to it. [PERIOD-6]")
    figures = query.figures(month, as_of=chain.now, known=True)
    digest = rules.digest(figures)
    if sha256 is not None and sha256 != digest:
        say = "The figures are not those that you saw. Read them again, then sign. [PERIOD-4]"
        raise conflict("figures-changed", "The figures have moved", say, figures=digest)
    if digest == query.snapshots(month)[0].sha256:
        say = f"What is known of {month:%Y-%m} now is what was reported. [PERIOD-7]"
        raise conflict("nothing-to-restate", "Nothing to restate", say)
    given = row.restating if row.restated_figures == digest else {}
    fault = _signature_fault(given, function, by)
    if fault:
        raise Problem("separation-of-duties", 403, "Another person signs", fault)
    signed = Draft("restatement.signed", {"function": function, "sha256": digest}, private={"reason": reason.strip()})
    drafts = [signed]
    functions = {*given, function}
    if rules.PREPARING in functions and len(functions) > 1:
        body: dict[str, Any] = {"sha256": digest, "figures": figures, "tree_size": _tree_size()}
        drafts.append(Draft("period.restated", body))
    append(chain, *drafts, by=by)
    return periods.one(month)


@step
def _locked(month: date) -> tuple[Chain, PeriodRow]:
    chain = lock(periods.stream_of(month))
    return chain, periods.one(month)


def _signature_fault(given: dict[str, int], function: str, by: Actor) -> str | None:
    if function in given:
        return f"{function.capitalize()} has signed already. [PERIOD-8]"
    if set(by.people) & set(given.values()):
        return "You have signed for another function. One person signs for one. [SOD-31]"
    return None


def _closed(month: date) -> Problem:
    say = f"{month:%Y-%m} is closed. What is learned later is posted to the open month; it can be restated. [PERIOD-1]"
    return conflict("period-closed", "The period is closed", say)


def _not_ready(month: date, lines: tuple[rules.Line, ...]) -> Problem:
    open_ = [line for line in lines if not line.met]
    refusals = [
        {
            "key": line.key, "message": line.sentence, "owner_function": line.owner, "remedy": line.remedy,
            "proof": line.proof,
        }
        for line in open_
    ]  # fmt: skip
    say = f"Not closed. {len(lines) - len(open_)} of {len(lines)} met: {open_[0].sentence}"
    return conflict("period-not-ready", "The period is not closed", say, refusals=refusals)


def _tree_size() -> int:
    head = tree.head()
    return head.size if head is not None else 0
