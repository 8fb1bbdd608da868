"""Completeness: what the record derives, held against every table, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from crm_ledger.verify.fold import Stream
from crm_ledger.verify.reading import Reader
from crm_ledger.verify.report import Report
from ledger.rules.replay import Entry, Held, PostingRow
from pipeline.rules.replay import Organisation, day

_POSTINGS = """
SELECT entry_id, recorded_at, book, place, period, unit, deal_id, seat_id, amount, currency, cause FROM ledger_posting
WHERE (deal_id = ANY (%s) OR (%s AND deal_id IS NULL)) AND entry_id = ANY (%s)
"""
_STANDING_COLUMNS = (
    "requirement", "effect", "status", "entry_id", "actor", "at", "function", "preparer", "start_by", "due_at",
    "valid_until", "facts",
)  # fmt: skip
_STANDINGS = f"SELECT stream, key, {', '.join(_STANDING_COLUMNS)} FROM ledger_standing WHERE stream = ANY (%s)"
_STATE_COLUMNS = (
    "stream", "version", "entry_id", "stage", "stage_entered_at", "opened_at", "policy_version", "unit", "owner_id",
    "account_id", "amount_minor", "currency", "value_minor", "place", "period", "close_on", "start_on", "terms",
    "inputs", "lines", "credits", "input_at",
)  # fmt: skip
_STATES = f"SELECT {', '.join(_STATE_COLUMNS)} FROM pipeline_dealstate WHERE stream = ANY (%s)"
# What stands in a table although no entry says so: (where, question).
_ORPHANS = (
    ("ledger_stream", "SELECT s.id FROM ledger_stream s WHERE NOT EXISTS"
     " (SELECT FROM ledger_entry e WHERE e.stream = s.id) ORDER BY 1 LIMIT 1"),
    ("ledger_standing", "SELECT s.stream || ' ' || s.key FROM ledger_standing s WHERE NOT EXISTS"
     " (SELECT FROM ledger_entry e WHERE e.stream = s.stream) ORDER BY 1 LIMIT 1"),
    ("pipeline_dealstate", "SELECT s.stream FROM pipeline_dealstate s WHERE NOT EXISTS"
     " (SELECT FROM ledger_entry e WHERE e.stream = s.stream) ORDER BY 1 LIMIT 1"),
    ("ledger_posting", "SELECT p.id::text FROM ledger_posting p LEFT JOIN ledger_entry e ON e.id = p.entry_id"
     " WHERE e.id IS NULL ORDER BY p.id LIMIT 1"),
    ("governance_milestone", "SELECT m.stream || ' ' || m.key FROM governance_milestone m WHERE NOT EXISTS (SELECT"
     " FROM ledger_standing s WHERE (s.stream, s.key) = (m.stream, m.key)) ORDER BY m.id LIMIT 1"),
)  # fmt: skip


def postings(reader: Reader, report: Report, derived: Mapping[int, tuple[Entry, list[PostingRow]]]) -> int:
    """Compares the postings of some entries with the table; returns how many the table should hold for them."""
    lines = [line for _, rows in derived.values() for line in rows]
    if not lines:
        return 0
    deals = sorted({line[4] for line in lines if line[4] is not None})
    found: dict[int, list[PostingRow]] = {}
    for number, at, *line in reader.ask(_POSTINGS, [deals, any(line[4] is None for line in lines), list(derived)]):
        found.setdefault(number, []).append(tuple(line))  # type: ignore[arg-type]
        if at != derived[number][0].recorded_at:
            report.broken("completeness", "posting recorded_at", derived[number][0].recorded_at, at, derived[number][0])
    for number, (entry, rows) in derived.items():
        wanted, held = sorted(rows, key=str), sorted(found.get(number, []), key=str)
        if wanted != held:
            report.broken("completeness", "posting", *_difference(wanted, held), entry)
    return len(lines)


def _difference(wanted: list[Any], held: list[Any]) -> tuple[Any, Any]:
    missing = [line for line in wanted if line not in held]
    extra = [line for line in held if line not in wanted]
    return missing[:1] or f"{len(wanted)} postings", extra[:1] or f"{len(held)} postings"


def streams(reader: Reader, report: Report, done: list[Stream]) -> None:
    """Heads, standings and deal states of streams that were read to their end."""
    if not done:
        return
    names = [stream.id for stream in done]
    heads = {row[0]: row[1:] for row in reader.ask(
        "SELECT id, version, head, at FROM ledger_stream WHERE id = ANY (%s)", [names])}  # fmt: skip
    standings: dict[str, dict[str, tuple[Any, ...]]] = {}
    for name, key, *columns in reader.ask(_STANDINGS, [names]):
        standings.setdefault(name, {})[key] = tuple(columns)
    states = {row[0]: row for row in reader.ask(_STATES, [[name for name in names if name.startswith("deal/")]])}
    for stream in done:
        _head(report, stream, heads.get(stream.id))
        _standings(report, stream, standings.get(stream.id, {}))
        if stream.after is not None and stream.id.startswith("deal/"):
            _state(report, stream, states.get(stream.id))


def _head(report: Report, stream: Stream, found: tuple[Any, ...] | None) -> None:
    chain = stream.chain
    expected = {"version": chain.version, "head": chain.head.hex(), "at": chain.at}
    held = {"version": found[0], "head": bytes(found[1]).hex(), "at": found[2]} if found else dict.fromkeys(expected)
    # A head is part of the chain: the one place where both integrity and the tables speak.
    _compare(report, "integrity", "ledger_stream", stream, expected, held)


def _standings(report: Report, stream: Stream, found: Mapping[str, tuple[Any, ...]]) -> None:
    for key in {*stream.standings, *found}:
        report["completeness"].checked += 1
        expected = _standing(stream.standings[key]) if key in stream.standings else dict.fromkeys(_STANDING_COLUMNS)
        held = dict(zip(_STANDING_COLUMNS, found.get(key, (None,) * len(_STANDING_COLUMNS)), strict=True))
        _compare(report, "completeness", f"ledger_standing {key}", stream, expected, held)


def _standing(held: Held) -> dict[str, Any]:
    standing = held.standing
    return {"requirement": held.requirement} | {
        name: getattr(standing, name) for name in _STANDING_COLUMNS if name != "requirement"
    }


def _state(report: Report, stream: Stream, found: tuple[Any, ...] | None) -> None:
    report["completeness"].checked += 1
    after, last = stream.after, stream.last
    assert after is not None and last is not None
    values = (
        stream.id, last.seq, last.id, after["stage"], stream.entered, stream.opened, after["policy_version"],
        after["unit"], after["owner"], after["account"], after["amount_minor"], after["currency"],
        after["value_minor"], after["place"], day(after["period"]), day(after["close_on"]), day(after["start_on"]),
        after["terms"], after.get("inputs", {}), after.get("lines", []), after.get("credits", []),
        after.get("input_at", {}),
    )  # fmt: skip
    expected = dict(zip(_STATE_COLUMNS, values, strict=True))
    held = dict(zip(_STATE_COLUMNS, found or (None,) * len(_STATE_COLUMNS), strict=True))
    _compare(report, "completeness", "pipeline_dealstate", stream, expected, held)


def _compare(
    report: Report, verdict: Any, table: str, stream: Stream, expected: Mapping[str, Any], held: Mapping[str, Any]
) -> None:
    for name, value in expected.items():
        found = held[name]
        if isinstance(found, str) and isinstance(value, dict | list):
            found = json.loads(found)
        if value != found:
            report.broken(verdict, f"{table}.{name}", value, found, stream.last or stream.id)
            return


def orphans(reader: Reader, report: Report, posted: int) -> None:
    """Rows that no entry accounts for."""
    for table, question in _ORPHANS:
        report["completeness"].checked += 1
        for (found,) in reader.ask(question):
            report.broken("completeness", table, "a row that an entry wrote", found, f"{table} {found}")
    ((count,),) = reader.ask("SELECT count(*) FROM ledger_posting")
    if count != posted:
        report.broken("completeness", "ledger_posting", f"{posted} postings", f"{count} postings", "ledger_posting")


def organisation(reader: Reader, report: Report, said: Organisation) -> None:
    """Seats, rates and policy versions: small tables, compared whole."""
    seats = {
        row[0]: row[1:]
        for row in reader.ask(
            "SELECT id, person_id, function, unit, role, from_at, until_at, reports_to, entry_id FROM pipeline_seat"
        )
    }
    wanted = {
        number: (s.person, s.function, s.unit, s.role, s.from_at, s.until_at, s.reports_to, s.entry_id)
        for number, s in said.seats.items()
    }
    _whole(report, "pipeline_seat", wanted, seats)
    rates = {
        (row[0], row[1]): row[2:] for row in reader.ask("SELECT currency, day, rate, entry_id FROM pipeline_fxrate")
    }
    _whole(report, "pipeline_fxrate", dict(said.rates), rates)
    columns = "version, name, hash, document, drafted_at, drafted_by, published_at"
    policies = {row[0]: _plain(row[1:]) for row in reader.ask(f"SELECT {columns} FROM pipeline_policyversion")}
    drafted = {
        number: _plain((p.name, p.hash, dict(p.document), p.drafted_at, p.drafted_by, p.published_at))
        for number, p in said.policies.items()
    }
    _whole(report, "pipeline_policyversion", drafted, policies)
    stages = set(reader.ask("SELECT version, place, stage FROM pipeline_policystage"))
    asked = set(reader.ask("SELECT version, stage, key, kind, function FROM pipeline_gaterequirement"))
    for number, row in said.policies.items():
        if row.published_at is None:
            continue
        policy = said.policy(number)
        _rows(report, "pipeline_policystage", number, {
            (number, place, stage.key) for place, stage in enumerate(policy.stages)}, stages)  # fmt: skip
        _rows(report, "pipeline_gaterequirement", number, {
            (number, stage.key, need.key, need.kind, need.function or need.owner_function)
            for stage in policy.stages for need in stage.gate}, asked)  # fmt: skip


def _plain(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(json.dumps(value, sort_keys=True) if isinstance(value, dict) else value for value in row)


def _whole(report: Report, table: str, wanted: Mapping[Any, Any], found: Mapping[Any, Any]) -> None:
    for key in sorted({*wanted, *found}, key=str):
        report["completeness"].checked += 1
        if wanted.get(key) != found.get(key):
            report.broken("completeness", table, wanted.get(key), found.get(key), f"{table} {key}")


def _rows(report: Report, table: str, version: int, wanted: set[Any], found: set[Any]) -> None:
    held = {row for row in found if row[0] == version}
    for row in sorted(wanted ^ held, key=str)[:1]:
        report.broken("completeness", table, row if row in wanted else None, row if row in held else None,
                      f"{table} of policy {version}")  # fmt: skip
