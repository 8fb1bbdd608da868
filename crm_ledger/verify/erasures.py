"""What the record says was erased, so that a text that is missing for another reason is found."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm_ledger.verify.reading import Reader
from crm_ledger.verify.report import Report
from ledger.rules.envelope import parse

# Streams of erasures alone: `/` comes right before `0` in the C collation.
_ENTRIES = """
SELECT id, stream, kind, actor, envelope FROM ledger_entry
WHERE stream >= 'erasure/' AND stream < 'erasure0' ORDER BY stream, seq
"""


@dataclass(slots=True)
class Erased:
    values: set[str] = field(default_factory=set)
    evidence: set[int] = field(default_factory=set)


def read(reader: Reader, report: Report) -> Erased:
    """Everything erased. Each act must have been asked for by somebody else (lawfulness)."""
    erased = Erased()
    asked: dict[str, int] = {}
    for number, stream, kind, actor, envelope in reader.rows(_ENTRIES):
        try:
            body = parse(bytes(envelope))["body"]
            values, evidence = set(body.get("values", ())), set(body.get("evidence", ()))
        except (ValueError, LookupError, TypeError, AttributeError):
            continue  # bytes that are no envelope are named by the walk over all entries
        if kind == "erasure.requested":
            asked[stream] = actor
            continue
        if kind == "erasure.done" and asked.get(stream) in (None, actor):
            report.at("lawfulness", "erasure", "asked for by another person", asked.get(stream), stream, number)
        erased.values |= values
        erased.evidence |= evidence
    return erased
