"""Completeness: what the record derives (state.py), held against every table, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from crm_ledger.verify import state
from crm_ledger.verify.fold import Stream
from crm_ledger.verify.reading import Reader
from crm_ledger.verify.said import Said
from crm_ledger.verify.state import Difference, Table
from ledger.rules.envelope import parse
from ledger.rules.replay import Entry

Place = tuple[str, str]  # a table, and the last key of it that was looked at
# A milestone is a row of the application; without a standing nothing in the record speaks of it.
_MILESTONES = (
    "SELECT m.stream || ' ' || m.key FROM governance_milestone m WHERE m.stream <> 'deal/' || m.deal_id OR NOT EXISTS"
    " (SELECT FROM ledger_standing s WHERE (s.stream, s.key, s.function) = (m.stream, m.key, m.function))"
    " ORDER BY m.id LIMIT 1"
)


def of_entries(reader: Reader, entries: Iterable[Entry]) -> Iterator[tuple[Difference, Entry]]:
    """Lines of a chunk of entries. Found by deal and entry, the way that the index goes."""
    known = {entry.id: entry for entry in entries}
    for table in state.BY_ENTRY:
        assert table.of_entry is not None
        wanted = [row for entry in known.values() for row in _derived(table.of_entry, entry) or ()]
        place = table.all.index("deal_id")
        deals = sorted({row[place] for row in wanted if row[place] is not None})
        loose = any(row[place] is None for row in wanted)
        numbers = sorted({row[0] for row in wanted})
        held = reader.ask(
            f"{table.select} WHERE (deal_id = ANY (%s) OR (%s AND deal_id IS NULL)) AND entry_id = ANY (%s)",
            [deals, loose, numbers],
        ) if wanted else []  # fmt: skip
        for found in state.differences(table, wanted, held):
            yield found, known[found.key[0]]


def of_streams(reader: Reader, done: list[Stream]) -> Iterator[tuple[Difference, Stream]]:
    """Heads, standings and states of streams that were read to their end."""
    if not done:
        return
    by_name = {stream.id: stream for stream in done}
    for table in state.BY_STREAM:
        assert table.of_stream is not None
        told = {stream.id: _derived(table.of_stream, stream) for stream in done}
        wanted = [row for rows in told.values() for row in rows or ()]
        named = [stream for stream, rows in told.items() if rows is not None]
        held = reader.ask(f"{table.select} WHERE {table.stream} = ANY (%s)", [named])
        place = table.key.index(table.stream)
        for found in state.differences(table, wanted, held):
            yield found, by_name[found.key[place]]


def _derived(derive: Callable[[Any], Iterable[tuple[Any, ...]]], said: Any) -> list[tuple[Any, ...]] | None:
    """None where altered bytes say nothing that rows could be derived from: they are named by their hash."""
    try:
        return list(derive(said))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def of_record(reader: Reader, said: Said) -> Iterator[Difference]:
    """Seats, rates and policy versions: small tables, compared whole."""
    for table in state.BY_RECORD:
        assert table.of_record is not None
        rows = _derived(table.of_record, said)
        if rows is not None:
            yield from state.differences(table, rows, reader.rows(table.select))


LINKED = state.BY_STREAM + state.BY_ENTRY
_STREAMS, _LINES = 20_000, 100_000  # of one question: a part of a second, so that a run can rest in between
_NO_STREAM = "NOT EXISTS (SELECT FROM ledger_entry e WHERE e.stream = t.{stream})"
# A line is an orphan without its entry, and a stray when its entry speaks of no such deal.
_NO_LINE = """
NOT EXISTS (SELECT FROM ledger_entry e, jsonb_array_elements(coalesce(
    convert_from(e.envelope, 'UTF8')::jsonb #> '{{body,postings}}', '[]')) AS line
    WHERE e.id = t.entry_id AND (line ->> 'deal')::bigint IS NOT DISTINCT FROM t.deal_id)
"""


def orphans(reader: Reader, after: Place | None = None) -> Iterator[tuple[list[Difference], Place]]:
    """Rows that no entry accounts for, part after part; `after` is the place of the last part that was seen."""
    seen, place = after or (LINKED[0].name, "")
    names = [table.name for table in LINKED]
    for table in LINKED[names.index(seen) :]:
        last: Any = place if table.name == seen else ""
        while (upto := _end_of_part(reader, table, last)) is not None:
            yield list(_orphans(reader, table, last, upto)), (table.name, str(upto))
            last = upto


def _end_of_part(reader: Reader, table: Table, last: Any) -> Any:
    """The greatest key of the part that begins after `last`; None at the end of the table."""
    column, size = (table.stream, _STREAMS) if table.of_stream else ("id", _LINES)
    ((found,),) = reader.ask(
        f"SELECT max(place) FROM (SELECT {column} AS place FROM {table.name} WHERE {column} > %s"
        f" ORDER BY 1 LIMIT {size}) AS part",
        [_key(table, last)],
    )
    return found


def _orphans(reader: Reader, table: Table, last: Any, upto: Any) -> Iterator[Difference]:
    key = ", ".join(f"t.{name}" for name in (table.key if table.of_stream else table.all))
    column, missing = (table.stream, _NO_STREAM) if table.of_stream else ("id", _NO_LINE)
    rows: Iterable[tuple[Any, ...]] | None = reader.try_ask(
        f"SELECT {key} FROM {table.name} t WHERE t.{column} > %s AND t.{column} <= %s"
        f" AND {missing.format(stream=table.stream)} ORDER BY t.{column}",
        [_key(table, last), upto],
    )
    if rows is None:
        rows = _one_by_one(reader, table, key, [_key(table, last), upto])
    for row in rows:
        if table.of_stream:
            yield Difference(table, row, "row", None, "a row that no entry wrote")
        else:
            yield Difference(table, row[:1], "row", None, state.named(table, row[1:]))


def _one_by_one(reader: Reader, table: Table, key: str, part: list[Any]) -> Iterator[tuple[Any, ...]]:
    """The same lines, where an envelope among theirs was altered; that one is named by the walk over all entries."""
    rows = reader.ask(
        f"SELECT e.envelope, t.deal_id, {key} FROM {table.name} t LEFT JOIN ledger_entry e ON e.id = t.entry_id"
        " WHERE t.id > %s AND t.id <= %s ORDER BY t.id",
        part,
    )
    for said, deal, *row in rows:
        try:
            lines = () if said is None else parse(bytes(said))["body"].get("postings", ())
            stray = deal not in {line["deal"] for line in lines}
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
        if stray:
            yield tuple(row)


def _key(table: Table, last: Any) -> Any:
    return str(last) if table.of_stream else int(last or 0)


def milestones(reader: Reader) -> Iterator[str]:
    for (found,) in reader.ask(_MILESTONES):
        yield found
